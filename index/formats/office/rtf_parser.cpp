// RTF: paragraphs, headings by style or outline level, lists' marks, tables, footnotes. Left out:
// page headers and footers, pictures, deleted and hidden text.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "index/formats/block_writer.h"
#include "index/formats/isolated_parsers.h"
#include "index/formats/office/rtf_tokens.h"
#include "index/formats/office/symbol_font.h"
#include "index/formats/text_document.h"
#include "index/text/charset.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

using Kind = RtfToken::Kind;

constexpr std::size_t deepest = 2000;  // groups

/// Where text goes.
enum class Target { body, nowhere, title, font_table, style_sheet, note, list_mark };

std::string charset_of_page(int page) {
  switch (page) {
    case 437:
      return "cp437";
    case 850:
      return "cp850";
    case 932:
      return "shift_jis";
    case 936:
      return "gbk";
    case 949:
      return "windows-949";
    case 950:
      return "big5";
    case 10000:
      return "macintosh";
    case 65001:
      return "utf-8";
    default:
      return "windows-" + std::to_string(page >= 874 && page <= 1361 ? page : 1252);
  }
}

/// The code page of a font's \fcharset; 0: the document's.
int page_of_charset(int charset) {
  static const std::map<int, int> pages = {
      {77, 10000}, {128, 932},  {129, 949},  {130, 1361}, {134, 936},  {136, 950},
      {161, 1253}, {162, 1254}, {163, 1258}, {177, 1255}, {178, 1256}, {186, 1257},
      {204, 1251}, {222, 874},  {238, 1250}, {254, 437},  {255, 850}};
  const auto found = pages.find(charset);
  return found == pages.end() ? 0 : found->second;
}

bool is_left_out(std::string_view word) {
  static constexpr std::string_view words[] = {"colortbl",
                                               "pict",
                                               "header",
                                               "headerl",
                                               "headerr",
                                               "headerf",
                                               "footer",
                                               "footerl",
                                               "footerr",
                                               "footerf",
                                               "fldinst",
                                               "object",
                                               "objdata",
                                               "listtable",
                                               "xmlnstbl",
                                               "filetbl",
                                               "revtbl",
                                               "rsidtbl",
                                               "private",
                                               "themedata",
                                               "datastore",
                                               "latentstyles",
                                               "listoverridetable",
                                               "generator",
                                               "xe",
                                               "tc",
                                               "template",
                                               "nonshppict",
                                               "bkmkstart",
                                               "bkmkend",
                                               "ftnsep",
                                               "ftnsepc",
                                               "ftncn",
                                               "aftnsep",
                                               "aftnsepc",
                                               "aftncn",
                                               "annotation",
                                               "atnid",
                                               "atnauthor",
                                               "atnref",
                                               "background",
                                               "sp",
                                               "pnseclvl"};
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

struct State {
  Target target = Target::body;
  int font = 0;
  int unicode_skip = 1;
  bool hidden = false;
  bool deleted = false;
};

struct Paragraph {
  int style = 0;
  int outline = -1;  // \outlinelevel; -1: as the style says
  bool in_table = false;
  bool hangs = false;  // its first line begins before the others
  int list_level = 0;
};

bool is_bullet(std::string_view mark) {
  static constexpr std::string_view bullets[] = {"\u2022", "\u25E6", "\u25AA", "\u25CF",
                                                 "\u25CB", "\u25A0", "\u00B7", "\u2013",
                                                 "\u2043", "-",      "*",      "o"};
  return std::find(std::begin(bullets), std::end(bullets), mark) != std::end(bullets);
}

/// Whether text before a tab looks like the number of an item: "1.", "a)", "(iv)".
bool is_number(std::string_view mark) {
  return mark.size() > 1 && mark.size() <= 8 && mark.find(' ') == mark.npos &&
         (mark.back() == '.' || mark.back() == ')');
}

class RtfReader {
 public:
  explicit RtfReader(std::string_view rtf) : tokens_(rtf) {}

  Result<ParsedDocument> read() {
    states_.emplace_back();
    for (RtfToken token = tokens_.next(); token.kind != Kind::end; token = tokens_.next()) {
      take(token);
      if (states_.size() > deepest) {
        return Error{ErrorKind::unsupported, "RTF nested more than 2,000 deep"};
      }
    }
    flush_bytes();
    end_paragraph();
    end_table();
    std::string title = clean_line(title_);
    if (title.empty()) title = style_title_;
    if (title.empty()) title = out_.top_heading();
    return out_.finish("rtf", title);
  }

 private:
  State& state() { return states_.back(); }

  void take(const RtfToken& token) {
    // What follows \uN is its substitute for old readers.
    if (to_skip_ > 0 && token.kind != Kind::open && token.kind != Kind::close) {
      if (token.kind != Kind::bytes) {
        if (token.kind == Kind::word && token.text == "bin") tokens_.skip(bin_length(token));
        --to_skip_;
        return;
      }
      const auto passed =
          std::min<std::size_t>(static_cast<std::size_t>(to_skip_), token.text.size());
      to_skip_ -= static_cast<int>(passed);
      text_bytes(token.text.substr(passed));
      return;
    }
    switch (token.kind) {
      case Kind::open:
        flush_bytes();
        to_skip_ = 0;
        states_.push_back(state());
        starred_ = false;
        group_start_ = true;
        return;
      case Kind::close:
        flush_bytes();
        to_skip_ = 0;
        close_group();
        break;
      case Kind::word:
        if (token.text != "u") flush_bytes();
        word(token);
        break;
      case Kind::symbol:
        symbol(token.text[0]);
        break;
      case Kind::hex: {
        const char byte = static_cast<char>(token.value);
        text_bytes({&byte, 1});
        break;
      }
      default:
        text_bytes(token.text);
        break;
    }
    group_start_ = false;
  }

  static std::size_t bin_length(const RtfToken& token) {
    return static_cast<std::size_t>(std::max(token.value, 0));
  }

  void close_group() {
    const Target target = state().target;
    if (states_.size() > 1) states_.pop_back();
    if (target == Target::list_mark && state().target != Target::list_mark) {
      paragraph_ = marked_paragraph_;  // the mark's own formatting is not the paragraph's
      if (paragraph_.in_table) {
        const std::string mark = clean_line(std::exchange(mark_, {}));
        append((is_bullet(mark) ? "-" : mark) + " ");
      }
    }
    if (target == Target::note && state().target != Target::note) {
      const std::string note = clean_line(note_);
      if (!note.empty()) {
        const std::string label = std::to_string(++note_count_);
        append("[^" + label + "]");
        notes_.push_back("[^" + label + "]: " + note);
      }
      note_.clear();
    } else if (target == Target::style_sheet && states_.back().target == Target::style_sheet) {
      std::string name = ascii_lower(clean_line(style_name_));
      if (name.ends_with(';')) name.pop_back();
      constexpr std::string_view heading = "heading ";
      if (name.starts_with(heading) && name.size() == heading.size() + 1) {
        style_levels_.emplace(style_number_, name.back() - '0');
      }
      if (style_outline_ >= 0 && style_outline_ < 9) {
        style_levels_.emplace(style_number_, style_outline_ + 1);
      }
      if (name == "title") title_style_ = style_number_;
      style_name_.clear();
      style_number_ = 0;
      style_outline_ = -1;
    }
  }

  void symbol(char c) {
    switch (c) {
      case '*':
        starred_ = true;
        return;
      case '~':
        flush_bytes();
        append(" ");
        return;
      case '_':
        flush_bytes();
        append("-");
        return;
      case '-':
        return;  // an optional hyphen
      case '\n':
      case '\r':
        end_paragraph();
        return;
      case '\\':
      case '{':
      case '}':
        text_bytes({&c, 1});
        return;
      default:
        return;
    }
  }

  void word(const RtfToken& token) {
    const std::string_view name = token.text;
    if (group_start_ || starred_) {
      if (destination(name)) {
        starred_ = false;
        return;
      }
      if (starred_) {  // a destination that is not known
        state().target = Target::nowhere;
        starred_ = false;
        return;
      }
    }
    if (name == "u") {
      unicode(token.value);
    } else if (name == "par" || name == "sect" || name == "page") {
      end_paragraph();
    } else if (name == "line" || name == "column") {
      append("\n");
    } else if (name == "tab") {
      append("\t");
    } else if (name == "cell" || name == "nestcell") {
      end_cell();
    } else if (name == "row" || name == "nestrow") {
      end_row();
    } else if (name == "bin") {
      tokens_.skip(bin_length(token));
    } else {
      formatting(token);
    }
    character(name);
  }

  /// Whether the word says where the group's text goes.
  bool destination(std::string_view name) {
    if (name == "fonttbl") {
      state().target = Target::font_table;
    } else if (name == "stylesheet") {
      state().target = Target::style_sheet;
    } else if (name == "title" && state().target == Target::nowhere) {
      state().target = Target::title;
    } else if (name == "info" || is_left_out(name)) {
      state().target = Target::nowhere;
    } else if (name == "footnote" && state().target == Target::body) {
      state().target = Target::note;
    } else if ((name == "listtext" || name == "pntext") && state().target == Target::body) {
      state().target = Target::list_mark;
      marked_paragraph_ = paragraph_;
      mark_.clear();
    } else if (starred_ && (name == "shpinst" || name == "shptxt" || name == "nesttableprops")) {
      return true;  // shapes hold text
    } else {
      return false;
    }
    return true;
  }

  void formatting(const RtfToken& token) {
    const std::string_view name = token.text;
    if (name == "f" || name == "af") {
      if (name == "f") state().font = token.value;
      if (state().target == Target::font_table) font_ = token.value;
    } else if (name == "fcharset" && state().target == Target::font_table) {
      font_pages_[font_] = page_of_charset(token.value);
      if (token.value == 2) symbol_fonts_[font_] = true;
    } else if (name == "ansicpg") {
      page_ = token.value;
    } else if (name == "mac") {
      page_ = 10000;
    } else if (name == "pc") {
      page_ = 437;
    } else if (name == "pca") {
      page_ = 850;
    } else if (name == "deff") {
      states_.front().font = state().font = token.value;
    } else if (name == "uc") {
      state().unicode_skip = std::clamp(token.value, 0, 32);
    } else if (name == "v") {
      state().hidden = !token.has_value || token.value != 0;
    } else if (name == "deleted") {
      state().deleted = !token.has_value || token.value != 0;
    } else if (name == "plain") {
      state().hidden = state().deleted = false;
      state().font = states_.front().font;
    } else if (name == "pard") {
      paragraph_ = Paragraph();
    } else if (name == "intbl") {
      paragraph_.in_table = true;
    } else if (name == "fi") {
      paragraph_.hangs = token.value < 0;
    } else if (name == "ilvl") {
      paragraph_.list_level = std::clamp(token.value, 0, 8);
    } else if (name == "s") {
      if (state().target == Target::style_sheet) style_number_ = token.value;
      paragraph_.style = token.value;
    } else if (name == "outlinelevel") {
      if (state().target == Target::style_sheet) style_outline_ = token.value;
      paragraph_.outline = token.value;
    }
  }

  void character(std::string_view name) {
    static constexpr std::pair<std::string_view, std::string_view> characters[] = {
        {"emdash", "\u2014"},
        {"endash", "\u2013"},
        {"lquote", "\u2018"},
        {"rquote", "\u2019"},
        {"ldblquote", "\u201C"},
        {"rdblquote", "\u201D"},
        {"bullet", "\u2022"},
        {"emspace", " "},
        {"enspace", " "},
        {"qmspace", " "},
        {"chftn", ""}};
    for (const auto& [word, text] : characters) {
      if (name == word) append(text);
    }
  }

  void unicode(int value) {
    to_skip_ = state().unicode_skip;
    auto code = static_cast<char32_t>(value < 0 ? value + 65536 : value);
    if (code >= 0xD800 && code < 0xDC00) {
      flush_bytes();
      high_ = code;
      return;
    }
    if (code >= 0xDC00 && code < 0xE000 && high_ != 0) {
      code = 0x10000 + ((high_ - 0xD800) << 10) + (code - 0xDC00);
    }
    high_ = 0;
    flush_bytes();
    if (code >= 0xF000 && code <= 0xF0FF && symbol_fonts_[state().font]) {
      code = symbol_character("symbol", code);
    }
    std::string text;
    append_utf8(text, code);
    append(text);
  }

  void text_bytes(std::string_view bytes) { bytes_ += bytes; }

  void flush_bytes() {
    if (bytes_.empty()) return;
    const std::string bytes = std::exchange(bytes_, {});
    const auto ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    if (std::all_of(bytes.begin(), bytes.end(), ascii)) {
      append(bytes);
      return;
    }
    const auto font = font_pages_.find(state().font);
    const int page = font == font_pages_.end() || font->second == 0 ? page_ : font->second;
    const std::optional<Conversion> text = convert_to_utf8(bytes, charset_of_page(page));
    append(text ? text->text : make_valid_utf8(bytes).text);
  }

  void append(std::string_view text) {
    switch (state().target) {
      case Target::body:
        if (!state().hidden && !state().deleted) text_ += text;
        break;
      case Target::note:
        if (!state().hidden && !state().deleted) note_ += text;
        break;
      case Target::title:
        title_ += text;
        break;
      case Target::list_mark:
        mark_ += text;
        break;
      case Target::style_sheet:
        style_name_ += text;
        break;
      default:
        break;
    }
  }

  void end_paragraph() {
    if (state().target == Target::note) {
      note_ += '\n';
      return;
    }
    if (state().target != Target::body) return;
    flush_bytes();
    if (paragraph_.in_table) {
      text_ += '\n';
      return;
    }
    end_table();
    const std::string text = std::exchange(text_, {});
    const auto style = style_levels_.find(paragraph_.style);
    int level = style == style_levels_.end() ? 0 : style->second;
    if (paragraph_.outline >= 0) level = paragraph_.outline < 9 ? paragraph_.outline + 1 : 0;
    if (title_style_ != 0 && paragraph_.style == title_style_ && style_title_.empty()) {
      style_title_ = clean_line(text);
    }
    if (level > 0) {
      const std::string mark = clean_line(std::exchange(mark_, {}));
      out_.heading(level, mark.empty() || is_bullet(mark) ? text : mark + " " + text);
    } else {
      body_paragraph(text);
    }
    write_notes(notes_);
  }

  /// A paragraph or an item, whose mark the file says, or writes before a tab in what hangs out.
  void body_paragraph(std::string_view text) {
    std::string mark = clean_line(std::exchange(mark_, {}));
    const std::size_t tab = mark.empty() && paragraph_.hangs ? text.find('\t') : text.npos;
    if (tab != text.npos) {
      const std::string before = clean_line(text.substr(0, tab));
      if (is_bullet(before) || is_number(before)) {
        mark = before;
        text.remove_prefix(tab + 1);
      }
    }
    if (mark.empty()) {
      out_.paragraph(text);
    } else {
      out_.item(static_cast<std::size_t>(paragraph_.list_level), is_bullet(mark) ? "-" : mark,
                text);
    }
  }

  void end_cell() {
    if (state().target != Target::body) return;
    if (!row_open_) table_.begin_row();
    row_open_ = true;
    table_.cell(std::exchange(text_, {}));
    table_notes_.insert(table_notes_.end(), notes_.begin(), notes_.end());
    notes_.clear();
  }

  void end_row() {
    if (state().target != Target::body) return;
    row_open_ = false;
    text_.clear();
  }

  void end_table() {
    if (table_.rows() == 0) return;
    out_.table(std::exchange(table_, {}));
    row_open_ = false;
    write_notes(table_notes_);
  }

  void write_notes(std::vector<std::string>& notes) {
    for (const std::string& note : std::exchange(notes, {})) out_.paragraph(note);
  }

  RtfTokens tokens_;
  std::vector<State> states_;
  Paragraph paragraph_;
  Paragraph marked_paragraph_;  // as it was before its list mark
  std::string mark_;            // of the paragraph
  BlockWriter out_;
  MarkdownTable table_;
  bool row_open_ = false;
  std::string text_;   // of the paragraph or cell
  std::string bytes_;  // text that is not decoded yet
  std::string note_, title_, style_title_, style_name_;
  std::vector<std::string> notes_;  // of the paragraph
  std::vector<std::string> table_notes_;
  int note_count_ = 0;
  std::map<int, int> style_levels_;
  int style_number_ = 0;
  int style_outline_ = -1;
  int title_style_ = 0;
  std::map<int, int> font_pages_;
  std::map<int, bool> symbol_fonts_;
  int font_ = 0;
  int page_ = 1252;
  int to_skip_ = 0;
  char32_t high_ = 0;  // the first half of a surrogate pair
  bool starred_ = false;
  bool group_start_ = false;
};

}  // namespace

// NOLINTNEXTLINE(performance-unnecessary-value-param): as all of them take it
Status parse_rtf(std::string_view, std::string bytes, const ParseOptions&,
                 const Parser::Sink& sink) {
  Result<ParsedDocument> document = RtfReader(bytes).read();
  if (!document) return document.error();
  if (document->text.empty()) return Error{ErrorKind::unsupported, "holds no text"};
  return sink(std::move(*document));
}

}  // namespace callslip
