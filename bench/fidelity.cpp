// fidelity: how far the text of parsed files is from reference texts, as a character error rate.
//
//   fidelity FILES REFERENCES [--suffix .md] [--plain] [--fold] [--show] [--max N] [--ocr]
//
// FILES is a folder (looked through recursively) or a file; REFERENCES a folder in which the
// reference of `a.docx` is `a.docx<suffix>`, or failing that `a<suffix>` (default suffixes: .md,
// .txt). Files without a reference are passed by. The character error rate is the Levenshtein
// distance, in code points, divided by the reference's length. Both sides are compared without
// white space and, unless --plain is given, without Markdown's and HTML's marks (headings, lists,
// tables, emphasis, links' targets, image and comment tags, escapes, entities), so that what is
// left is what a person reads. --show prints the first places that differ. Exit code 1 if any file
// failed to parse.
//
//   fidelity FILES REFERENCES --printed|--written [--suffix .ref] [--show]
//
// compares with the whole of what was printed, or written in an Office file (printed_text.h). A
// line a file: its name and, in characters, the reference's length, the distance, changed, lost and
// invented.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/edit_distance.h"
#include "bench/printed_text.h"
#include "index/extract/extractor.h"
#include "index/formats/parser.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

namespace fs = std::filesystem;

struct Options {
  fs::path files;
  fs::path references;
  std::vector<std::string> suffixes = {".md", ".txt"};
  bool plain = false;
  bool show = false;
  bool fold = false;
  std::optional<TextOrigin> whole;
  std::size_t most = 2'000'000;  // code points compared
  ParseOptions parse;
};

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Behind a list's mark or a heading's at the beginning of a line.
std::string_view without_line_marks(std::string_view line) {
  const auto trim = [&] {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  };
  trim();
  const bool heading = line.starts_with('#');
  while (!line.empty() && (line[0] == '#' || line[0] == '>')) line.remove_prefix(1);
  trim();
  if (line.size() > 1 && (line[0] == '-' || line[0] == '*' || line[0] == '+') &&
      (line[1] == ' ' || line[1] == '\t')) {
    line.remove_prefix(2);
    trim();
    for (const std::string_view box : {"[ ] ", "[x] ", "[X] "}) {
      if (line.starts_with(box)) line.remove_prefix(box.size());
    }
  }
  // "1.", "2)", "1.2.3"; of a heading also "1".
  std::size_t digits = 0;
  bool marked = heading;
  while (digits < line.size() && digits < 16 &&
         (is_digit(line[digits]) || (digits > 0 && (line[digits] == '.' || line[digits] == ')')))) {
    marked = marked || !is_digit(line[digits]);
    ++digits;
  }
  if (digits > 0 && marked && digits < line.size() && line[digits] == ' ') {
    line.remove_prefix(digits + 1);
  }
  return line;
}

bool is_table_rule(std::string_view line) {
  return !line.empty() && line.find('-') != line.npos &&
         line.find_first_not_of("|-: \t") == line.npos;
}

/// What is left of a text when Markdown's marks are taken out, of a reference HTML's too.
std::string without_markup(std::string_view text, bool is_reference) {
  static constexpr std::pair<std::string_view, std::string_view> entities[] = {
      {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&nbsp;", " "}};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    if (is_reference && rest.starts_with("<!--")) {
      const std::size_t end = rest.find("-->");
      i = end == rest.npos ? text.size() : i + end + 3;
      continue;
    }
    if (is_reference && rest[0] == '<' && rest.size() > 1 &&
        (rest[1] == '/' || (rest[1] | 0x20) >= 'a')) {
      const std::size_t end = rest.find('>');
      if (end != rest.npos && end < 200) {
        i += end + 1;
        continue;
      }
    }
    if (rest.starts_with("![") || rest[0] == '[') {  // a link: its text stays; a note's mark goes
      const std::size_t open = rest[0] == '!' ? 1 : 0;
      const std::size_t close = rest.find(']');
      if (close != rest.npos && rest.substr(open).starts_with("[^") && close < 12) {
        i += close + 1 + (rest.substr(close + 1).starts_with(':') ? 1 : 0);
        continue;
      }
      if (is_reference && close != rest.npos && rest.substr(close + 1).starts_with('(')) {
        const std::size_t end = rest.find(')', close);
        if (end != rest.npos && end - close < 2000) {
          if (open == 0) out += without_markup(rest.substr(1, close - 1), true);
          i += end + 1;
          continue;
        }
      }
    }
    if (is_reference && rest[0] == '\\' && rest.size() > 1) {
      ++i;  // the escaped character is looked at for itself
      continue;
    }
    const auto* entity = std::find_if(std::begin(entities), std::end(entities),
                                      [&](const auto& e) { return rest.starts_with(e.first); });
    if (is_reference && entity != std::end(entities)) {
      out += entity->second;
      i += entity->first.size();
    } else {
      if (std::string_view("*|`_~").find(rest[0]) == std::string_view::npos) out += rest[0];
      ++i;
    }
  }
  return out;
}

std::string readable(std::string_view text, bool is_reference) {
  std::string joined;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (!is_table_rule(line)) {
      joined += without_line_marks(line);
      joined += '\n';
    }
    at = end + 1;
  }
  return without_markup(joined, is_reference);
}

char32_t folded(char32_t c) {
  if (c == 0x2018 || c == 0x2019) return '\'';
  if (c == 0x201C || c == 0x201D) return '"';
  return c >= 0x2010 && c <= 0x2015 ? U'-' : c;
}

std::u32string characters(std::string_view text, bool is_reference, const Options& options) {
  const std::string kept = options.plain ? std::string(text) : readable(text, is_reference);
  std::u32string out;
  for (std::size_t at = 0; at < kept.size() && out.size() < options.most;) {
    const CodePoint c = decode_utf8(kept, at);
    at += c.length;
    const bool space = c.value <= 0x20 || c.value == 0xA0 || c.value == 0x200B ||
                       c.value == 0xFEFF || c.value == 0xAD || c.value == 0x3000 ||
                       (c.value >= 0x2000 && c.value <= 0x200A);
    if (!space) out += options.fold ? folded(c.value) : c.value;
  }
  return out;
}

void print(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) append_utf8(out, c);
  std::cout << out;
}

void show(std::u32string_view got, std::u32string_view wanted) {
  std::size_t i = 0;
  std::size_t j = 0;
  for (int shown = 0; shown < 5 && (i < got.size() || j < wanted.size());) {
    if (i < got.size() && j < wanted.size() && got[i] == wanted[j]) {
      ++i;
      ++j;
      continue;
    }
    std::cout << "    text ...";
    print(got.substr(i > 20 ? i - 20 : 0, 80));
    std::cout << "\n    ref  ...";
    print(wanted.substr(j > 20 ? j - 20 : 0, 80));
    std::cout << "\n";
    ++shown;
    // Resume where 16 characters agree again, within a short distance.
    bool resumed = false;
    for (std::size_t off = 1; off < 4000 && !resumed; ++off) {
      for (std::size_t p = 0; p <= off && !resumed;
           p += off == p ? 1 : std::max<std::size_t>(1, off - p)) {
        const std::size_t x = i + p;
        const std::size_t y = j + (off - p);
        if (x + 16 <= got.size() && y + 16 <= wanted.size() &&
            got.substr(x, 16) == wanted.substr(y, 16)) {
          i = x;
          j = y;
          resumed = true;
        }
      }
    }
    if (!resumed) break;
  }
}

std::optional<fs::path> reference_of(const Options& options, const fs::path& file) {
  for (const std::string& suffix : options.suffixes) {
    for (const fs::path& name :
         {fs::path(file.filename().string() + suffix), fs::path(file.stem().string() + suffix)}) {
      const fs::path path = options.references / name;
      if (path != file && fs::is_regular_file(path)) return path;
    }
  }
  return std::nullopt;
}

struct Totals {
  std::size_t files = 0, exact = 0, failed = 0, distance = 0, length = 0;
};

void compare(const fs::path& file, const fs::path& reference, const Options& options,
             Totals& totals) {
  const std::string name = file.filename().string();
  std::string bytes = slurp(file);
  const Parser& parser = parser_for(name, std::string_view(bytes).substr(0, 4096));
  std::string text;
  static Extractor extractor;
  const Status parsed =
      extractor.parse(parser, name, std::move(bytes), options.parse, [&](ParsedDocument document) {
        std::size_t at = 0;  // its headings are marked as the reference's are
        for (const Heading& heading : document.headings) {
          text += document.text.substr(at, heading.byte_start - at);
          at = heading.byte_start;
          if (!options.plain && !options.whole) text += "# ";
        }
        text += document.text.substr(at);
        return Status();
      });
  ++totals.files;
  if (!parsed) {
    ++totals.failed;
    std::printf("%8s  %s: %s\n", "failed", name.c_str(), parsed.error().message.c_str());
    return;
  }
  if (options.whole) {
    const PrintedErrors errors =
        compare_printed(text, slurp(reference), *options.whole, options.show);
    totals.distance += errors.distance;
    totals.length += errors.length;
    totals.exact += errors.distance == 0 ? 1 : 0;
    std::printf("%s\t%zu\t%zu\t%zu\t%zu\t%zu\n", name.c_str(), errors.length, errors.distance,
                errors.changed, errors.lost, errors.invented);
    std::fflush(stdout);
    return;
  }
  const std::u32string got = characters(text, false, options);
  const std::u32string wanted = characters(slurp(reference), true, options);
  const std::size_t apart = edit_distance(got, wanted);
  totals.distance += apart;
  totals.length += wanted.size();
  totals.exact += apart == 0 ? 1 : 0;
  const double rate = wanted.empty()
                          ? (got.empty() ? 0 : 1)
                          : static_cast<double>(apart) / static_cast<double>(wanted.size());
  std::printf("%7.3f%%  %zu of %zu  %s\n", 100 * rate, apart, wanted.size(), name.c_str());
  std::fflush(stdout);
  if (options.show && apart > 0) show(got, wanted);
}

int run(const Options& options) {
  std::vector<fs::path> files;
  if (fs::is_directory(options.files)) {
    for (const auto& entry : fs::recursive_directory_iterator(options.files)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  } else {
    files.push_back(options.files);
  }
  std::sort(files.begin(), files.end());
  Totals totals;
  for (const fs::path& file : files) {
    if (const auto reference = reference_of(options, file)) {
      compare(file, *reference, options, totals);
    }
  }
  const double rate = totals.length == 0 ? 0
                                         : static_cast<double>(totals.distance) /
                                               static_cast<double>(totals.length);
  std::printf("%zu files, %zu exact, %zu failed; character error rate %.3f%%\n", totals.files,
              totals.exact, totals.failed, 100 * rate);
  return totals.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace callslip

int main(int argc, char** argv) {
  callslip::Options options;
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--suffix" && i + 1 < argc) {
      options.suffixes = {argv[++i]};
    } else if (arg == "--max" && i + 1 < argc) {
      options.most = std::stoul(argv[++i]);
    } else if (arg == "--plain") {
      options.plain = true;
    } else if (arg == "--printed") {
      options.whole = callslip::TextOrigin::printed;
    } else if (arg == "--written") {
      options.whole = callslip::TextOrigin::written;
    } else if (arg == "--fold") {
      options.fold = true;
    } else if (arg == "--ocr") {
      options.parse.ocr = true;
    } else if (arg == "--show") {
      options.show = true;
    } else {
      paths.emplace_back(arg);
    }
  }
  if (paths.size() != 2) {
    std::cerr << "usage: fidelity FILES REFERENCES [--suffix .md] [--plain] [--fold] [--show] "
                 "[--max N] [--ocr] [--printed] [--written]\n";
    return 2;
  }
  options.files = paths[0];
  options.references = paths[1];
  return callslip::run(options);
}
