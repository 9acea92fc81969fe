// HandedChange: files parsed, cut and put into segments, as one change to be committed.
//
// One thread. The writer outlives it; only its new_segment and tokens are used here, so that a
// change can be made ready while another is committed.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "index/extract/extractor.h"
#include "index/formats/parser.h"
#include "index/index_writer.h"
#include "index/parsed_document.h"
#include "index/result.h"

namespace callslip {

/// What a parser made of a file.
struct ParsedFile {
  std::vector<ParsedDocument> documents;
  std::string warning;                       // read, but not all of it
  std::vector<std::string> skipped_members;  // "images/a.png: image (PNG)"
};

/// `name` is the file's; the media type tells the kind where the name does not. ErrorKind::
/// unsupported says why it is no document.
Result<ParsedFile> parse_handed(Extractor& extractor, std::string_view name, std::string bytes,
                                std::string_view media_type, const ParseOptions& options,
                                const std::stop_token& stop);

class HandedChange {
 public:
  struct File {
    std::string root;  // the name of the root
    std::string relative;
    std::string path;
    std::int64_t mtime_ns = 0;
  };
  struct Totals {
    std::uint64_t documents = 0;
    std::uint64_t chunks = 0;
    std::uint64_t tokens = 0;
    bool lossy = false;
  };

  HandedChange(IndexWriter& writer, std::uint32_t chunk_tokens)
      : writer_(writer), chunk_tokens_(chunk_tokens) {}

  /// In place of what the index has of this file.
  Result<Totals> add(const File& file, const ParsedFile& parsed);

  /// What was added so far; to be committed once.
  IndexChange take();

 private:
  IndexWriter& writer_;
  const std::uint32_t chunk_tokens_;
  std::unique_ptr<SegmentWriter> segment_;
  IndexChange change_;
};

}  // namespace callslip
