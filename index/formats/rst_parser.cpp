// reStructuredText: the text is the file's; sections are titles with an adornment under (and
// perhaps over) them, whose levels follow the order in which the styles appear.
#include <algorithm>
#include <array>
#include <utility>

#include "index/formats/parser.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

bool is_adornment(std::string_view line) {
  constexpr std::string_view characters = "=-~^\"'`#*+.:_<>!$%&(),/;?@[\\]{|}";
  return line.size() >= 2 && characters.find(line[0]) != characters.npos &&
         leading(line, line[0]) == line.size();
}

std::string_view right_trimmed(std::string_view line) {
  const std::size_t last = line.find_last_not_of(" \t");
  return last == line.npos ? std::string_view() : line.substr(0, last + 1);
}

/// Without literals' and emphasis' marks; roles and links keep their text.
std::string strip_rst_inline(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size();) {
    const std::string_view rest = line.substr(i);
    if (rest.starts_with(':') && rest.find(":`", 1) != rest.npos) {  // :role:`text`
      const std::size_t tick = rest.find(":`", 1);
      if (rest.substr(1, tick - 1).find_first_of(" `") == rest.npos) {
        i += tick + 1;
        continue;
      }
    }
    if (rest[0] == '`' && !rest.starts_with("``")) {  // `text <target>`_
      const std::size_t end = rest.find('`', 1);
      if (end != rest.npos) {
        std::string_view text = rest.substr(1, end - 1);
        if (text.ends_with('>') && text.rfind(" <") != text.npos) {
          text = text.substr(0, text.rfind(" <"));
        }
        out += text;
        i += end + 1;
        i += leading(line.substr(i), '_');
        continue;
      }
    }
    if (rest.starts_with("``") || rest.starts_with("**")) {
      i += 2;
      continue;
    }
    if (rest[0] == '\\' && rest.size() > 1) {
      ++i;
      if (line[i] != ' ') out += line[i];
      ++i;
      continue;
    }
    out += line[i++];
  }
  // *emphasis* of a whole word or more; a lone star stays.
  if (out.size() > 2 && out.starts_with('*') && out.ends_with('*'))
    return out.substr(1, out.size() - 2);
  return out;
}

class RstOutline {
 public:
  std::vector<Heading> find(std::string_view text) {
    LineScanner lines(text);
    std::array<TextLine, 4> last;  // the newest first; before the text all is blank
    std::size_t used = 0;          // the end of the last section title
    for (TextLine line; lines.next(line);) {
      last = {line, last[0], last[1], last[2]};
      const std::string_view under = right_trimmed(last[0].text);
      const std::string_view title = right_trimmed(last[1].text);
      if (!is_adornment(under) || title.empty() || is_adornment(title)) continue;
      if (last[1].start < used) continue;
      const std::string_view over = right_trimmed(last[2].text);
      const bool overlined = last[2].start >= used && over == under && last[3].blank();
      const bool wide_enough = under.size() >= 4 || under.size() >= count_characters(title);
      const bool indented = title[0] == ' ' || title[0] == '\t';
      if (!wide_enough || (!overlined && (indented || !last[2].blank()))) continue;
      add(overlined ? last[2].start : last[1].start, under[0], overlined, title);
      used = last[0].end;
    }
    return std::move(headings_);
  }

 private:
  void add(std::size_t start, char character, bool overlined, std::string_view title) {
    const std::pair<char, bool> style(character, overlined);
    auto known = std::find(styles_.begin(), styles_.end(), style);
    if (known == styles_.end()) known = styles_.insert(known, style);
    std::string text = clean_heading(strip_rst_inline(title));
    if (text.empty()) return;
    headings_.push_back({start, static_cast<int>(known - styles_.begin()) + 1, std::move(text)});
  }

  std::vector<std::pair<char, bool>> styles_;
  std::vector<Heading> headings_;
};

class RstParser final : public Parser {
 public:
  bool accepts(std::string_view name, std::string_view) const override {
    const std::string extension = file_extension(name);
    return extension == "rst" || extension == "rest";
  }

  Status parse(std::string_view, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
    Result<ParsedDocument> document = make_text_document(std::move(bytes), "rst", TextKind::prose);
    if (!document) return document.error();
    document->headings = RstOutline().find(document->text);
    if (!document->headings.empty()) document->title = document->headings.front().text;
    return sink(std::move(*document));
  }
};

}  // namespace

const Parser& rst_parser();
const Parser& rst_parser() {
  static const RstParser parser;
  return parser;
}

}  // namespace callslip
