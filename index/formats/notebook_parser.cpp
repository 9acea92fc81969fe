// Jupyter notebooks (nbformat 3 and 4): the cells in order as Markdown, code in fences, of outputs
// the text. Headings are those of the Markdown cells.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "index/formats/block_writer.h"
#include "index/formats/markdown_outline.h"
#include "index/formats/parser.h"
#include "index/formats/text_document.h"
#include "index/text/encoding.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

using Json = nlohmann::json;

constexpr std::size_t max_output = 4000;  // bytes of one cell's output; what is left out is named
constexpr std::size_t max_nesting = 64;

/// A string, or a list of strings that are its lines.
std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  std::string text;
  if (!value.is_array()) return text;
  for (const Json& line : value) {
    if (line.is_string()) text += line.get_ref<const std::string&>();
  }
  return text;
}

std::string text_at(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found == object.end() ? std::string() : text_of(*found);
}

/// Without the escape sequences that colour a traceback.
std::string without_colours(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\x1B') {
      out += text[i];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '[') ++i;
    while (i + 1 < text.size() && (text[i + 1] < '@' || text[i + 1] > '~')) ++i;
    ++i;
  }
  return out;
}

std::string fenced(std::string_view code, std::string_view language) {
  std::string fence = "```";
  while (code.find(fence) != code.npos) fence += '`';
  std::string out = fence;
  out += language;
  out += '\n';
  out += code;
  if (!out.ends_with('\n')) out += '\n';
  return out + fence;
}

class Notebook {
 public:
  explicit Notebook(const Json& root) : root_(root) {}

  Result<ParsedDocument> read() {
    const Json metadata = root_.value("metadata", Json::object());
    language_ = text_at(metadata.value("language_info", Json::object()), "name");
    if (language_.empty()) {
      language_ = text_at(metadata.value("kernelspec", Json::object()), "language");
    }
    if (const auto cells = root_.find("cells"); cells != root_.end()) write_cells(*cells);
    if (const auto sheets = root_.find("worksheets"); sheets != root_.end()) {  // nbformat 3
      for (const Json& sheet : *sheets) {
        if (sheet.is_object() && sheet.contains("cells")) write_cells(sheet["cells"]);
      }
    }
    std::string title = text_at(metadata, "title");
    if (title.empty()) title = out_.top_heading();
    return out_.finish("notebook", title);
  }

 private:
  void write_cells(const Json& cells) {
    if (!cells.is_array()) return;
    for (const Json& cell : cells) {
      if (!cell.is_object()) continue;
      const std::string type = text_at(cell, "cell_type");
      std::string source = text_at(cell, "source");
      if (source.empty()) source = text_at(cell, "input");
      if (type == "code") {
        if (!trimmed(source).empty()) out_.verbatim(fenced(source, language_));
        if (const auto outputs = cell.find("outputs"); outputs != cell.end()) {
          write_outputs(*outputs);
        }
      } else if (type == "heading") {  // nbformat 3
        const auto level = cell.find("level");
        const bool known = level != cell.end() && level->is_number_integer();
        out_.heading(known ? std::clamp(level->get<int>(), 1, 6) : 1, source);
      } else {
        write_markdown(std::move(source));
      }
    }
  }

  void write_markdown(std::string source) {
    ParsedDocument cell;
    cell.text = make_valid_utf8(std::move(source)).text;
    cell.headings = markdown_headings(cell.text);
    out_.append(cell, 0);
  }

  void write_outputs(const Json& outputs) {
    if (!outputs.is_array()) return;
    std::string text;
    for (const Json& output : outputs) {
      if (!output.is_object()) continue;
      std::string part = text_at(output, "text");
      if (const auto data = output.find("data"); data != output.end()) {
        part += text_at(*data, "text/markdown");
        if (part.empty()) part += text_at(*data, "text/plain");
      }
      if (const auto trace = output.find("traceback"); trace != output.end()) {
        if (trace->is_array()) {
          for (const Json& line : *trace) part += text_of(line) + "\n";
        }
      }
      if (part.empty()) part = text_at(output, "evalue");
      if (!text.empty() && !text.ends_with('\n')) text += '\n';
      text += without_colours(part);
    }
    text = trimmed(text);
    if (text.empty()) return;
    if (text.size() > max_output) {
      const std::size_t whole = text.size();
      text.resize(utf8_floor(text, max_output));
      text += "\n[... " + std::to_string(whole - text.size()) + " more bytes of output]";
    }
    out_.verbatim(fenced(text, ""));
  }

  const Json& root_;
  std::string language_;
  BlockWriter out_;
};

class NotebookParser final : public Parser {
 public:
  bool accepts(std::string_view name, std::string_view) const override {
    return file_extension(name) == "ipynb";
  }

  Status parse(std::string_view, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
    Result<DecodedText> text = decode_text(std::move(bytes));
    if (!text) return text.error();
    // Images are half of a notebook and are not read; nesting beyond any notebook's is cut off.
    const auto keep = [](int depth, Json::parse_event_t event, Json& parsed) {
      if (event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start) {
        return static_cast<std::size_t>(depth) < max_nesting;
      }
      return event != Json::parse_event_t::key || !parsed.is_string() ||
             !parsed.get_ref<const std::string&>().starts_with("image/");
    };
    const Json root = Json::parse(text->text, keep, false);
    if (!root.is_object() || (!root.contains("cells") && !root.contains("worksheets"))) {
      return Error{ErrorKind::unsupported, "not a Jupyter notebook, or a damaged one"};
    }
    Result<ParsedDocument> document = [&]() -> Result<ParsedDocument> {
      try {
        return Notebook(root).read();
      } catch (const Json::exception&) {
        return Error{ErrorKind::unsupported, "damaged Jupyter notebook"};
      }
    }();
    if (!document) return document.error();
    document->lossy = text->lossy;
    return sink(std::move(*document));
  }
};

}  // namespace

const Parser& notebook_parser();
const Parser& notebook_parser() {
  static const NotebookParser parser;
  return parser;
}

}  // namespace callslip
