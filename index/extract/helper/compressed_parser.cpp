// .gz, .zst, .bz2, .xz and .Z of one file: what is inside is parsed as a file of the name without
// the ending.
#include <string>
#include <utility>

#include "index/extract/helper/archive_stream.h"
#include "index/extract/helper/unpacking.h"
#include "index/formats/isolated_parsers.h"
#include "index/formats/recognition.h"

namespace callslip {
namespace {

constexpr std::size_t kHead = 4096;

Result<std::string> unpack(std::string_view bytes) {
  auto stream = ArchiveStream::open(bytes, ArchiveStream::Format::compressed_file, {});
  if (!stream) return stream.error();
  const auto member = (*stream)->next();
  if (!member) return member.error();
  if (!*member) return std::string();
  if (!(*stream)->is_compressed()) {
    return Error{ErrorKind::unsupported, "damaged: not compressed as its name says"};
  }
  return (*stream)->read(Unpacking::instance());
}

}  // namespace

Status parse_compressed(std::string_view name, std::string bytes, const ParseOptions& options,
                        const Parser::Sink& sink) {
  const OpenContainer open(Unpacking::instance());
  if (Status s = Unpacking::instance().enter(bytes.size()); !s) return s;
  auto contents = unpack(bytes);
  if (!contents) return contents.error();
  bytes = std::string();
  const std::string inner(name_inside_compressed(name));
  const Parser& parser = parser_for(inner, std::string_view(*contents).substr(0, kHead));
  return parser.parse(inner, std::move(contents).value(), options, [&](ParsedDocument document) {
    document.extracted = true;
    return sink(std::move(document));
  });
}

}  // namespace callslip
