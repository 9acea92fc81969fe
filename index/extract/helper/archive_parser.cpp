// ZIP, TAR, 7z and RAR archives: each member that is a document becomes one, the others are named.
#include <string>
#include <unordered_set>
#include <utility>

#include "index/extract/extract_message.h"
#include "index/extract/helper/archive_stream.h"
#include "index/extract/helper/step_counter.h"
#include "index/extract/helper/unpacking.h"
#include "index/formats/isolated_parsers.h"
#include "index/formats/recognition.h"

namespace callslip {
namespace {

constexpr std::size_t kHead = 4096;

/// "a.txt", "a (2).txt", ...
std::string numbered(const std::string& path, std::size_t number) {
  const std::size_t base = path.rfind('/') + 1;
  std::size_t dot = path.rfind('.');
  if (dot == std::string::npos || dot <= base) dot = path.size();
  return path.substr(0, dot) + " (" + std::to_string(number) + ")" + path.substr(dot);
}

bool is_hidden(std::string_view path) {
  return path.starts_with('.') || path.find("/.") != std::string_view::npos ||
         path.starts_with("__MACOSX/");
}

/// The members of one archive.
class Members {
 public:
  Members(ArchiveStream& stream, const ParseOptions& options, const Parser::Sink& sink)
      : stream_(stream), options_(options), sink_(sink), place_(unpacking_.place()) {}

  Status parse() {
    for (;;) {
      auto member = stream_.next();
      if (!member) return member.error();
      if (!*member) break;
      if ((*member)->kind == ArchiveMember::Kind::folder) continue;
      if (Status s = unpacking_.take_member(); !s) return s;
      if (Status s = take(**member); !s) return s;
      if (unpacking_.spent()) return spent_;
    }
    if (found_ > 0) return {};
    return Error{ErrorKind::unsupported, "the archive is empty"};
  }

 private:
  Status take(const ArchiveMember& member) {
    ++found_;
    const std::string path = free_path(clean_member_path(member.path));
    StepCounter& steps = StepCounter::instance();
    const bool wanted = steps.next(unpacking_.place_of(path));
    if (!wanted) {
      // What lies in an archive counts too.
      const bool counts = !steps.last_was_fatal() && is_archive(path, {});
      if (!counts || is_hidden(path) || member.kind != ArchiveMember::Kind::file) return {};
    }
    if (is_hidden(path)) return skip(path, "hidden: a name in its path begins with a dot");
    if (member.kind == ArchiveMember::Kind::link) return skip(path, "a link");
    if (member.kind == ArchiveMember::Kind::special) return skip(path, "not a file");
    auto contents = stream_.read(unpacking_);
    if (!contents) {
      spent_ = contents.error();
      return wanted ? skip(path, contents.error().message) : Status();
    }
    return parse_member(path, std::move(contents).value(), wanted);
  }

  Status parse_member(const std::string& path, std::string contents, bool wanted) {
    const std::string base = path.substr(path.rfind('/') + 1);
    const Parser& parser = parser_for(base, std::string_view(contents).substr(0, kHead));
    std::optional<Error> refused;
    unpacking_.set_place(unpacking_.place_of(path));
    const Status parsed =
        parser.parse(base, std::move(contents), options_, [&](ParsedDocument document) {
          document.member =
              document.member.empty() ? path : path + "/" + clean_member_path(document.member);
          Status taken = sink_(std::move(document));
          if (!taken) refused = taken.error();
          return taken;
        });
    unpacking_.set_place(place_);
    if (refused) return *refused;
    if (parsed) return {};
    spent_ = parsed;
    return wanted ? skip(path, parsed.error().message) : Status();
  }

  Status skip(const std::string& path, std::string reason) {
    ParsedDocument skipped;
    skipped.member = path;
    skipped.skipped = std::move(reason);
    return sink_(std::move(skipped));
  }

  std::string free_path(std::string path) {
    if (path.empty()) path = "unnamed";
    std::string free = path;
    for (std::size_t number = 2; !taken_.insert(free).second; ++number) {
      free = numbered(path, number);
    }
    return free;
  }

  ArchiveStream& stream_;
  const ParseOptions& options_;
  const Parser::Sink& sink_;
  Unpacking& unpacking_ = Unpacking::instance();
  const std::string place_;
  std::unordered_set<std::string> taken_;
  std::size_t found_ = 0;
  Status spent_;  // why nothing more may be unpacked
};

}  // namespace

// NOLINTNEXTLINE(performance-unnecessary-value-param): as all of them take it
Status parse_archive(std::string_view, std::string bytes, const ParseOptions& options,
                     const Parser::Sink& sink) {
  const OpenContainer open(Unpacking::instance());
  if (Status s = Unpacking::instance().enter(bytes.size()); !s) return s;
  auto stream = ArchiveStream::open(bytes, ArchiveStream::Format::archive, options.passwords);
  if (!stream) return stream.error();
  return Members(**stream, options, sink).parse();
}

}  // namespace callslip
