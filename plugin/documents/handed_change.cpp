#include "plugin/documents/handed_change.h"

#include <algorithm>
#include <utility>

#include "index/chunker.h"
#include "index/document_id.h"
#include "index/formats/parser.h"
#include "index/indexer.h"
#include "plugin/documents/document_name.h"

namespace callslip {
namespace {

constexpr std::size_t kHead = 4096;

}  // namespace

Result<ParsedFile> parse_handed(Extractor& extractor, std::string_view name, std::string bytes,
                                std::string_view media_type, const ParseOptions& options,
                                const std::stop_token& stop) {
  const std::string base =
      with_extension(std::string(name.substr(name.rfind('/') + 1)), media_type);
  const Parser& parser = parser_for(base, std::string_view(bytes).substr(0, kHead));
  ParsedFile parsed;
  const Parser::Sink sink = [&](ParsedDocument document) {
    if (document.skipped.empty()) {
      parsed.documents.push_back(std::move(document));
    } else {
      parsed.skipped_members.push_back(document.member + ": " + document.skipped);
    }
    return Status();
  };
  const Status status = extractor.parse(parser, base, std::move(bytes), options, sink, stop);
  if (!status && status.error().kind == ErrorKind::cancelled) return status.error();
  if (!status) parsed.warning = status.error().message;
  const bool empty =
      std::all_of(parsed.documents.begin(), parsed.documents.end(),
                  [](const ParsedDocument& document) { return document.text.empty(); });
  if (!empty) return parsed;
  if (!parsed.warning.empty()) return Error{ErrorKind::unsupported, std::move(parsed.warning)};
  return Error{ErrorKind::unsupported,
               parsed.skipped_members.empty()
                   ? "there is no text in it"
                   : "no member of it can be read: " + parsed.skipped_members.front()};
}

Result<HandedChange::Totals> HandedChange::add(const File& file, const ParsedFile& parsed) {
  const Chunker chunker(writer_.tokens(), chunk_tokens_);
  const std::string file_name = file.root + "/" + file.relative;
  const std::uint64_t source = source_of(file.root, file.relative);
  Totals totals;
  for (const ParsedDocument& document : parsed.documents) {
    if (!segment_) {
      auto created = writer_.new_segment();
      if (!created) return created.error();
      segment_ = std::move(created).value();
    }
    DocumentIdentity identity;
    identity.name = file_name;
    identity.path = file.path;
    if (!document.member.empty()) {
      identity.name += "/" + document.member;
      identity.path += "/" + document.member;
    }
    if (!document.record_id.empty()) identity.name += "#" + document.record_id;
    identity.id = document_id(identity.name);
    identity.source = source;
    identity.mtime_ns = file.mtime_ns;
    const std::vector<Chunk> chunks = chunker.cut(document);
    if (Status s = segment_->add(identity, document, chunks); !s) return s.error();
    ++totals.documents;
    totals.chunks += chunks.size();
    for (const Chunk& chunk : chunks) totals.tokens += chunk.tokens;
    totals.lossy = totals.lossy || document.lossy;
    if (segment_->full()) change_.added.push_back(std::move(segment_));
  }
  change_.replaced_sources.insert(source);
  return totals;
}

IndexChange HandedChange::take() {
  if (segment_) change_.added.push_back(std::move(segment_));
  return std::exchange(change_, {});
}

}  // namespace callslip
