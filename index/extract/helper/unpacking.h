// Unpacking: what has come out of a file so far, with all that is nested in it, and where we are in
// it. Bombs, quines and floods of members end here.
//
// A process parses one file, so there is one. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "index/result.h"

namespace callslip {

class Unpacking {
 public:
  static constexpr std::uint64_t kMostOfOneMember = 128ULL << 20;
  static constexpr std::uint64_t kMostInAll = 4ULL << 30;
  static constexpr std::uint64_t kAlwaysAllowed = 64ULL << 20;  // whatever the ratio
  static constexpr std::uint64_t kMostRatio = 250;
  static constexpr int kMostNested = 4;
  static constexpr std::uint64_t kMostMembers = 100'000;

  static Unpacking& instance();

  /// A container is opened; the outermost sets the budget. An Error when it lies too deep.
  Status enter(std::uint64_t packed_bytes);
  void leave() { --depth_; }

  /// Counts bytes that came out of it. An Error when there are too many; then `spent()`.
  Status take(std::uint64_t bytes);
  Status take_member();
  bool spent() const { return spent_; }

  /// Where the container that is being read lies in the outermost one: "a.zip/b.tar"; empty for
  /// that itself.
  const std::string& place() const { return place_; }
  std::string place_of(const std::string& member) const {
    return place_.empty() ? member : place_ + "/" + member;
  }
  void set_place(std::string place) { place_ = std::move(place); }

 private:
  int depth_ = 0;
  std::uint64_t packed_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t members_ = 0;
  bool spent_ = false;
  std::string place_;
};

/// A container while it is open.
class OpenContainer {
 public:
  explicit OpenContainer(Unpacking& unpacking) : unpacking_(unpacking) {}
  ~OpenContainer() { unpacking_.leave(); }
  OpenContainer(const OpenContainer&) = delete;
  OpenContainer& operator=(const OpenContainer&) = delete;

 private:
  Unpacking& unpacking_;
};

}  // namespace callslip
