// CSV and TSV: the text is the file's. The names of the columns are the heading of all rows, so
// that every chunk says what its values are.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "index/formats/parser.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

constexpr std::size_t sample_bytes = std::size_t{64} * 1024;
constexpr std::size_t sample_records = 20;
constexpr std::size_t longest_name = 100;

using Record = std::vector<std::string>;

/// The first records of the text (RFC 4180: quotes may hold separators and line ends).
std::vector<Record> first_records(std::string_view text, char separator) {
  std::vector<Record> records;
  Record record;
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i <= text.size() && records.size() < sample_records; ++i) {
    const char c = i < text.size() ? text[i] : '\n';
    if (quoted) {
      if (c != '"' || i == text.size()) {
        field += c;
      } else if (text.substr(i + 1).starts_with('"')) {
        field += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == separator) {
      record.push_back(std::exchange(field, {}));
    } else if (c == '\n') {
      if (field.ends_with('\r')) field.pop_back();
      record.push_back(std::exchange(field, {}));
      if (record.size() > 1 || !record[0].empty()) records.push_back(std::move(record));
      record.clear();
    } else {
      field += c;
    }
  }
  return records;
}

/// The separator by which the records have the same number of fields most often.
char find_separator(std::string_view sample, std::string_view extension) {
  if (extension == "tsv" || extension == "tab") return '\t';
  char best = ',';
  std::size_t best_score = 0;
  for (const char separator : {',', ';', '\t', '|'}) {
    const std::vector<Record> records = first_records(sample, separator);
    if (records.empty() || records[0].size() < 2) continue;
    const std::size_t width = records[0].size();
    const auto alike = static_cast<std::size_t>(
        std::count_if(records.begin(), records.end(),
                      [&](const Record& record) { return record.size() == width; }));
    const std::size_t score =
        alike * 1000 / records.size() * 100 + std::min<std::size_t>(width, 99);
    if (score > best_score) {
      best_score = score;
      best = separator;
    }
  }
  return best;
}

bool is_number(std::string_view field) {
  const std::string text(trimmed(field));
  if (text.empty()) return false;
  return text.find_first_not_of("0123456789.,+-%eE:/ $") == text.npos;
}

/// Whether a record names columns: short, different texts, none of them a number.
bool names_columns(const std::vector<Record>& records) {
  if (records.size() < 2) return false;
  std::set<std::string> names;
  std::size_t filled = 0;
  for (const std::string& field : records[0]) {
    const std::string name = clean_heading(field);
    if (is_number(name) || name.size() > longest_name) return false;
    if (name.empty()) continue;
    ++filled;
    if (!names.insert(name).second && records[0].size() < 4) return false;
  }
  if (filled == 0 || filled * 2 < records[0].size()) return false;
  if (records[0].size() > 1) return true;
  // One column: only if what is below is of another kind.
  return std::all_of(records.begin() + 1, records.end(), [](const Record& record) {
    return record.size() == 1 && is_number(record[0]);
  });
}

class CsvParser final : public Parser {
 public:
  bool accepts(std::string_view name, std::string_view) const override {
    const std::string extension = file_extension(name);
    return extension == "csv" || extension == "tsv" || extension == "tab" || extension == "psv";
  }

  Status parse(std::string_view name, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
    Result<ParsedDocument> document = make_text_document(std::move(bytes), "csv", TextKind::code);
    if (!document) return document.error();
    std::string_view text = document->text;
    std::size_t start = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    std::string_view sample = text.substr(start, sample_bytes);
    char separator = 0;
    if (sample.starts_with("sep=") && sample.size() > 4) {  // a hint to Excel
      separator = sample[4];
      const std::size_t line = std::min(sample.find('\n'), sample.size() - 1) + 1;
      start += line;
      sample.remove_prefix(line);
    }
    if (separator == 0) separator = find_separator(sample, file_extension(name));
    const std::vector<Record> records = first_records(sample, separator);
    if (names_columns(records)) {
      std::string names;
      for (const std::string& field : records[0]) {
        const std::string column = clean_heading(field);
        if (column.empty()) continue;
        if (!names.empty()) names += " | ";
        names += column;
      }
      document->headings.push_back({start == 3 ? 0 : start, 1, clean_heading(names)});
    }
    return sink(std::move(*document));
  }
};

}  // namespace

const Parser& csv_parser();
const Parser& csv_parser() {
  static const CsvParser parser;
  return parser;
}

}  // namespace callslip
