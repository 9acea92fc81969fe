// outline_report FILE...: what the outline of code finds, a definition a line (file, line, kind,
// name), and on stderr at what rate. Beside `ctags --output-format=json --fields=+ne` it shows what
// either misses.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "index/code/code_outline.h"
#include "index/files/atomic_file.h"
#include "index/formats/parser.h"

int main(int argc, char** argv) {
  using namespace callslip;
  using Clock = std::chrono::steady_clock;
  double lexing = 0;
  double outlining = 0;
  std::size_t bytes = 0;
  std::size_t found = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string path = argv[i];
    auto read = read_file(path, 1ULL << 30);
    if (!read) continue;
    const std::string name = path.substr(path.rfind('/') + 1);
    ParsedDocument document;
    const Parser& parser = parser_for(name, std::string_view(*read).substr(0, 4096));
    const Status parsed = parser.parse(name, std::move(read).value(), {}, [&](ParsedDocument made) {
      document = std::move(made);
      return Status();
    });
    if (!parsed) continue;
    const std::string& text = document.text;
    const CodeSyntax& syntax = code_syntax(document.type);
    const auto start = Clock::now();
    const auto spans = comments_and_strings(text, syntax);
    const auto lexed = Clock::now();
    const auto headings = outline_code(text, syntax, spans);
    outlining += std::chrono::duration<double>(Clock::now() - lexed).count();
    lexing += std::chrono::duration<double>(lexed - start).count();
    bytes += text.size();
    found += headings.size();
    for (const Heading& heading : headings) {
      const auto line = std::count(
          text.begin(), text.begin() + static_cast<std::ptrdiff_t>(heading.byte_start), '\n');
      std::printf("%s\t%ld\t%d\t%s\n", path.c_str(), line + 1, heading.level, heading.text.c_str());
    }
  }
  std::fprintf(stderr,
               "%.1f MB, %zu definitions; comments and strings %.0f MB/s, outline %.0f MB/s\n",
               static_cast<double>(bytes) / 1e6, found, static_cast<double>(bytes) / 1e6 / lexing,
               static_cast<double>(bytes) / 1e6 / outlining);
  return 0;
}
