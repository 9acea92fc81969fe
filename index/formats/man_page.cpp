#include "index/formats/man_page.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "index/formats/block_writer.h"
#include "index/formats/mdoc_line.h"
#include "index/formats/roff_text.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

std::string joined(const std::vector<std::string>& arguments, std::size_t from = 0,
                   std::string_view between = " ") {
  std::string out;
  for (std::size_t i = from; i < arguments.size(); ++i) {
    if (i > from) out += between;
    out += roff_text(arguments[i]);
  }
  return out;
}

class ManPage {
 public:
  explicit ManPage(std::string_view roff) : lines_(roff) {}

  Result<ParsedDocument> read(std::string_view name) {
    for (TextLine line; lines_.next(line);) take(line.text);
    end_paragraph();
    std::string title = title_;
    if (title.empty()) title = std::string(name);
    if (!section_.empty()) title += "(" + section_ + ")";
    if (!summary_.empty()) title = summary_;
    if (out_.empty()) return Error{ErrorKind::unsupported, "man page without text"};
    return out_.finish("man", title);
  }

 private:
  using Arguments = std::vector<std::string>;

  /// A condition's line may hold another one, and so on: ".if n .if n ...".
  void take(std::string_view line) {
    do {
      line = take_step(line);
    } while (!line.empty());
  }

  /// Returns what a condition that holds leaves to be taken.
  std::string_view take_step(std::string_view line) {
    if (!ignore_until_.empty()) {
      if (line.starts_with("." + ignore_until_)) ignore_until_.clear();
      return {};
    }
    const bool control = !line.empty() && (line[0] == '.' || line[0] == '\'');
    if (in_table_) {
      if (line.starts_with(".TE")) {
        end_table();
      } else {
        table_line(line);
      }
      return {};
    }
    if (!control) {
      text(roff_text(line), line.ends_with("\\c"));
      return {};
    }
    std::string_view rest = line.substr(1);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (rest.empty() || rest.starts_with("\\\"")) return {};
    const std::size_t end = std::min(rest.find_first_of(" \t\""), rest.size());
    const std::string request(rest.substr(0, end));
    if (request == "if" || request == "ie" || request == "el") {
      return condition(request, rest.substr(end));
    }
    request_line(request, rest.substr(end));
    return {};
  }

  void request_line(const std::string& request, std::string_view rest) {
    if (request == "de" || request == "de1" || request == "am" || request == "ig") {
      const Arguments arguments = roff_arguments(rest);
      const std::size_t at = request == "ig" ? 0 : 1;
      ignore_until_ = arguments.size() > at ? arguments[at] : ".";
      return;
    }
    if (is_mdoc_macro(request)) {
      mdoc(request, rest);
      return;
    }
    man(request, roff_arguments(rest));
  }

  /// Conditions: pages are read as for a terminal (n), of groff. Only the commonest tests are
  /// known. Returns the rest of the line, where it holds.
  std::string_view condition(const std::string& request, std::string_view rest) {
    rest = trimmed(rest);
    bool holds = false;
    if (request == "el") {
      holds = !last_condition_;
    } else {
      const bool negated = rest.starts_with('!');
      if (negated) rest.remove_prefix(1);
      holds = rest.starts_with('n');
      if (rest.starts_with('n') || rest.starts_with('t')) {
        rest.remove_prefix(1);
      } else {
        rest.remove_prefix(std::min(rest.find_first_of(" \t"), rest.size()));
      }
      holds = holds != negated;
      last_condition_ = holds;
    }
    rest = trimmed(rest);
    if (rest.starts_with("\\{")) {
      rest = trimmed(rest.substr(2));
      if (rest == "\\") rest = {};
      if (!holds) {
        skip_block();
        return {};
      }
    }
    return holds ? rest : std::string_view();
  }

  void skip_block() {
    int depth = 1;
    for (TextLine line; depth > 0 && lines_.next(line);) {
      for (std::size_t at = 0; (at = line.text.find('\\', at)) != line.text.npos; at += 2) {
        if (line.text.substr(at).starts_with("\\{")) ++depth;
        if (line.text.substr(at).starts_with("\\}")) --depth;
      }
    }
  }

  // man(7) ------------------------------------------------------------------------------------

  void man(const std::string& request, const Arguments& arguments) {
    if (request == "TH") {
      if (!arguments.empty()) title_ = ascii_lower(roff_text(arguments[0]));
      if (!arguments.empty() && roff_text(arguments[0]) != ascii_upper(title_)) {
        title_ = roff_text(arguments[0]);
      }
      if (arguments.size() > 1) section_ = roff_text(arguments[1]);
    } else if (request == "SH" || request == "SS") {
      end_paragraph();
      await_heading_ = request == "SH" ? 1 : 2;
      indent_ = 0;
      if (!arguments.empty()) heading(joined(arguments));
    } else if (request == "PP" || request == "P" || request == "LP" || request == "sp" ||
               request == "HP" || request == "RE" || request == "RS" || request == "bp") {
      end_paragraph();
      if (request == "RS") ++indent_;
      if (request == "RE" && indent_ > 0) --indent_;
    } else if (request == "TP" || request == "TQ") {
      end_paragraph();
      await_tag_ = true;
    } else if (request == "IP") {
      end_paragraph();
      if (!arguments.empty()) {
        tag(roff_text(arguments[0]));
      }
    } else if (request == "B" || request == "I" || request == "SM" || request == "SB") {
      if (!arguments.empty()) text(joined(arguments), false);
    } else if (request.size() == 2 && request.find_first_not_of("BIR") == request.npos) {
      text(joined(arguments, 0, ""), false);
    } else if (request == "nf" || request == "EX" || request == "Bd") {
      end_paragraph();
      verbatim_ = true;
    } else if (request == "fi" || request == "EE") {
      end_paragraph();
      verbatim_ = false;
    } else if (request == "br") {
      line_end();
    } else if (request == "UR" || request == "MT") {
      link_ = arguments.empty() ? std::string() : roff_text(arguments[0]);
    } else if (request == "UE" || request == "ME") {
      if (!link_.empty()) text("<" + link_ + ">" + joined(arguments), false);
      link_.clear();
    } else if (request == "SY") {
      end_paragraph();
      text(joined(arguments), false);
    } else if (request == "OP") {
      text("[" + joined(arguments) + "]", false);
    } else if (request == "YS") {
      end_paragraph();
    } else if (request == "MR") {
      text(joined(Arguments(arguments.begin(), arguments.begin() + (arguments.empty() ? 0 : 1))) +
               (arguments.size() > 1 ? "(" + roff_text(arguments[1]) + ")" : "") +
               joined(arguments, 2, ""),
           false);
    } else if (request == "TS") {
      end_paragraph();
      in_table_ = true;
      table_format_ = true;
    } else if (request == "so") {
      text("See " + joined(arguments) + ".", false);
    }
    // Other requests set up the paper: .ad, .hy, .nh, .ne, .ft, .ds, .nr, .if, ...
  }

  static std::string ascii_upper(std::string text) {
    for (char& c : text) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
  }

  void heading(std::string_view text) {
    const std::string line = clean_line(text);
    in_name_ = await_heading_ == 1 && ascii_lower(line) == "name";
    out_.heading(await_heading_ == 0 ? 1 : await_heading_, line);
    await_heading_ = 0;
  }

  void tag(std::string_view text) {
    const std::string line = clean_line(text);
    if (line.empty()) return;
    const bool bullet = line == "\u2022" || line == "*" || line == "o" || line == "-";
    tag_ = bullet ? "-" : line;
    bullet_ = bullet;
  }

  void text(std::string_view line, bool no_space) {
    if (await_heading_ > 0 && !trimmed(line).empty()) {
      heading(line);
      return;
    }
    if (await_tag_) {
      await_tag_ = false;
      tag(line);
      return;
    }
    if (verbatim_) {
      paragraph_ += line;
      paragraph_ += '\n';
      return;
    }
    if (trimmed(line).empty()) {
      end_paragraph();
      return;
    }
    if (line[0] == ' ' && !paragraph_.empty()) line_end();  // an indented line begins anew
    if (!paragraph_.empty() && !paragraph_.ends_with('\n') && !joins_) paragraph_ += ' ';
    paragraph_ += line;
    joins_ = no_space;
  }

  void line_end() {
    if (!paragraph_.empty() && !paragraph_.ends_with('\n')) paragraph_ += '\n';
  }

  void end_paragraph() {
    await_tag_ = false;
    joins_ = false;
    if (verbatim_) {
      const std::size_t first = paragraph_.find_first_not_of('\n');
      if (first != paragraph_.npos) out_.verbatim(std::string_view(paragraph_).substr(first));
      paragraph_.clear();
      return;
    }
    if (!tag_.empty()) {
      if (bullet_) {
        out_.item(indent_, "-", paragraph_);
      } else {
        // "--flag   what it does": both belong together.
        out_.paragraph(clean_block(paragraph_).empty() ? tag_ : tag_ + "\n    " + indented());
      }
      tag_.clear();
      bullet_ = false;
    } else {
      if (in_name_ && summary_.empty()) summary_ = clean_line(paragraph_);
      out_.paragraph(paragraph_);
    }
    paragraph_.clear();
  }

  std::string indented() const {
    std::string out;
    for (const char c : clean_block(paragraph_)) {
      out += c;
      if (c == '\n') out += "    ";
    }
    return out;
  }

  // mdoc(7) -----------------------------------------------------------------------------------

  void mdoc(const std::string& macro, std::string_view rest) {
    const Arguments arguments = roff_arguments(rest);
    if (macro == "Dt") {
      if (!arguments.empty()) title_ = ascii_lower(roff_text(arguments[0]));
      if (arguments.size() > 1) section_ = roff_text(arguments[1]);
    } else if (macro == "Sh" || macro == "Ss") {
      end_paragraph();
      await_heading_ = macro == "Sh" ? 1 : 2;
      heading(mdoc_text(arguments, names_));
    } else if (macro == "Pp" || macro == "Lp" || macro == "Bl" || macro == "El") {
      end_paragraph();
      if (macro == "Bl") {
        lists_.push_back(!arguments.empty() &&
                         (arguments[0] == "-bullet" || arguments[0] == "-dash" ||
                          arguments[0] == "-enum" || arguments[0] == "-item"));
      }
      if (macro == "El" && !lists_.empty()) lists_.pop_back();
    } else if (macro == "It") {
      end_paragraph();
      const bool bullets = !lists_.empty() && lists_.back();
      tag(bullets ? "-" : mdoc_text(arguments, names_));
    } else if (macro == "Bd" || macro == "D1" || macro == "Dl") {
      end_paragraph();
      if (macro == "Bd") {
        verbatim_ =
            !arguments.empty() && (arguments[0] == "-literal" || arguments[0] == "-unfilled");
        return;
      }
      text(mdoc_text(arguments, names_), false);
      end_paragraph();
    } else if (macro == "Ed") {
      end_paragraph();
      verbatim_ = false;
    } else if (macro == "Nd") {
      text("\u2013 " + mdoc_text(arguments, names_), false);
    } else if (macro == "Nm") {
      if (names_.page.empty() && !arguments.empty()) names_.page = roff_text(arguments[0]);
      Arguments line{"Nm"};
      line.insert(line.end(), arguments.begin(), arguments.end());
      text(mdoc_text(line, names_), false);
    } else if (macro != "Dd" && macro != "Os" && macro != "Bk" && macro != "Ek") {
      Arguments line{macro};
      line.insert(line.end(), arguments.begin(), arguments.end());
      const std::string out = mdoc_text(line, names_);
      if (!out.empty()) text(out, false);
    }
  }

  // tbl(1) ------------------------------------------------------------------------------------

  void table_line(std::string_view line) {
    if (table_format_) {  // "allbox tab(:);" and the columns' formats, up to a line with a dot
      const std::size_t tab = line.find("tab(");
      if (tab != line.npos && tab + 4 < line.size()) table_separator_ = line[tab + 4];
      if (line.ends_with('.')) table_format_ = false;
      return;
    }
    if (line == "_" || line == "=" || line.empty()) return;
    if (line.starts_with(".T&")) {
      table_format_ = true;
      return;
    }
    if (line[0] == '.' && !in_cell_) return;
    if (!in_cell_) {
      table_.begin_row();
      cell_.clear();
    }
    table_cells(line);
  }

  /// "a:b:T{", lines of a cell, "T}:c".
  void table_cells(std::string_view line) {
    if (in_cell_) {
      if (!line.starts_with("T}")) {
        if (!line.starts_with('.') || line.size() < 2) {
          cell_ += (cell_.empty() ? "" : " ") + roff_text(line);
        } else {
          const std::size_t space = std::min(line.find(' '), line.size());
          cell_ += " " + joined(roff_arguments(line.substr(space)));
        }
        return;
      }
      in_cell_ = false;
      table_.cell(std::exchange(cell_, {}));
      line.remove_prefix(2);
      if (line.empty()) return;
      line.remove_prefix(1);
    }
    while (true) {
      const std::size_t end = std::min(line.find(table_separator_), line.size());
      const std::string_view cell = line.substr(0, end);
      if (trimmed(cell) == "T{") {
        in_cell_ = true;
        return;
      }
      table_.cell(roff_text(cell));
      if (end == line.size()) return;
      line.remove_prefix(end + 1);
    }
  }

  void end_table() {
    out_.table(std::exchange(table_, {}));
    in_table_ = in_cell_ = false;
    table_separator_ = '\t';
  }

  LineScanner lines_;
  BlockWriter out_;
  std::string title_, section_, summary_;
  std::string paragraph_;
  std::string tag_;
  bool bullet_ = false;
  bool await_tag_ = false;
  int await_heading_ = 0;
  bool in_name_ = false;
  bool verbatim_ = false;
  bool joins_ = false;
  std::size_t indent_ = 0;
  std::string link_;
  std::string ignore_until_;  // what ends a macro's definition
  bool last_condition_ = false;
  MdocNames names_;
  std::vector<bool> lists_;  // of mdoc: whether their items have bullets
  MarkdownTable table_;
  bool in_table_ = false, table_format_ = false, in_cell_ = false;
  char table_separator_ = '\t';
  std::string cell_;
};

}  // namespace

Result<ParsedDocument> read_man_page(std::string_view roff, std::string_view name) {
  return ManPage(roff).read(name);
}

}  // namespace callslip
