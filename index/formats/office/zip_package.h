// ZipPackage: the parts of a document that is a ZIP file (OOXML, ODF, EPUB), unpacked in memory.
//
// Immutable after open(): any thread may read. Owns what it unpacked. What is not wanted is not
// unpacked. Bounds make a bomb an error (a ratio says less: an honest sheet shrinks to a fiftieth,
// and no entry of deflate to below 1/1032).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "index/result.h"

namespace callslip {

class ZipPackage {
 public:
  using Wanted = std::function<bool(std::string_view name)>;

  struct Limits {
    std::size_t entries = 65536;
    std::size_t part = std::size_t{256} << 20;   // bytes
    std::size_t total = std::size_t{512} << 20;  // bytes of all parts
  };

  /// Unpacks the wanted parts. A damaged archive yields what could be read of it.
  /// Errors: ErrorKind::unsupported: encrypted, too large, no ZIP file.
  static Result<ZipPackage> open(std::string_view bytes, const Wanted& wanted,
                                 const Limits& limits);
  static Result<ZipPackage> open(std::string_view bytes, const Wanted& wanted) {
    return open(bytes, wanted, Limits());
  }

  /// The part, or null. Letter case, a leading '/' and '\' for '/' make no difference.
  const std::string* find(std::string_view name) const;

  /// The part, moved out; empty if there is none.
  std::string take(std::string_view name);

  /// All entries, wanted or not, in the order of the archive; as find() compares them.
  const std::vector<std::string>& names() const { return names_; }

  /// Whether the archive ended in an error, so that parts may be missing.
  bool damaged() const { return damaged_; }

 private:
  std::map<std::string, std::string, std::less<>> parts_;
  std::vector<std::string> names_;
  bool damaged_ = false;
};

/// A part's name as packages compare it: lower case (ASCII), '/', no leading '/'.
std::string part_key(std::string_view name);

/// `target` of a reference found in the part `base`: relative, absolute ("/word/x.xml"), with dot
/// segments. Never leads out of the package.
std::string resolve_part(std::string_view base, std::string_view target);

}  // namespace callslip
