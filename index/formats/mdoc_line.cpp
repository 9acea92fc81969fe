#include "index/formats/mdoc_line.h"

#include <algorithm>

#include "index/formats/roff_text.h"

namespace callslip {
namespace {

constexpr std::string_view macros =
    " Dd Dt Os Sh Ss Pp Lp Bl El It Bd Ed D1 Dl Nd Nm Fl Ar Op Cm Ic Pa Ev Va Vt Fa Fn Ft Fo Fc Fd "
    "In Xr Sx Sy Em Li Ql Sq Dq Qq Pq Bq Brq Aq Oo Oc Po Pc Bo Bc Ao Ac Do Dc Qo Qc So Sc Bro Brc "
    "Dv Er An Ad Cd Lk Mt Ms No Ns Ap Ux Bx Nx Fx Ox Dx At Bsx St Rv Ex Tn Bk Ek Bf Ef Rs Re "
    "%A %B %C %D %I %J %N %O %P %Q %R %T %U %V Lb Eo Ec Es En Ta Xo Xc Dm Sm Bt Ud Pf Nd Db Hf ";

bool is_closing(std::string_view text) {
  return text == "." || text == "," || text == ":" || text == ";" || text == ")" || text == "]" ||
         text == "?" || text == "!";
}

bool is_opening(std::string_view text) { return text == "(" || text == "["; }

struct Pair {
  std::string_view macro;
  std::string_view open;
  std::string_view close;
};

constexpr Pair pairs[] = {
    {"Op", "[", "]"},           {"Bq", "[", "]"},           {"Pq", "(", ")"},
    {"Aq", "<", ">"},           {"Brq", "{", "}"},          {"Dq", "\u201C", "\u201D"},
    {"Sq", "\u2018", "\u2019"}, {"Ql", "\u2018", "\u2019"}, {"Qq", "\"", "\""}};
constexpr Pair halves[] = {{"Oo", "[", ""},      {"Oc", "", "]"},      {"Bo", "[", ""},
                           {"Bc", "", "]"},      {"Po", "(", ""},      {"Pc", "", ")"},
                           {"Ao", "<", ""},      {"Ac", "", ">"},      {"Bro", "{", ""},
                           {"Brc", "", "}"},     {"Do", "\u201C", ""}, {"Dc", "", "\u201D"},
                           {"So", "\u2018", ""}, {"Sc", "", "\u2019"}, {"Qo", "\"", ""},
                           {"Qc", "", "\""},     {"Fc", "", ");"}};

constexpr std::pair<std::string_view, std::string_view> systems[] = {
    {"Ux", "UNIX"},    {"Bx", "BSD"},       {"Nx", "NetBSD"},  {"Fx", "FreeBSD"},
    {"Ox", "OpenBSD"}, {"Dx", "DragonFly"}, {"Bsx", "BSD/OS"}, {"At", "AT&T UNIX"}};

class MdocLine {
 public:
  MdocLine(const std::vector<std::string>& line, const MdocNames& names)
      : line_(line), names_(names) {}

  std::string text() {
    while (at_ < line_.size()) step();
    while (!pending_.empty()) {
      close(pending_.back());
      pending_.pop_back();
    }
    return out_;
  }

 private:
  void add(std::string_view word) {
    if (word.empty()) return;
    if (is_closing(word)) {
      out_ += word;
      glue_ = false;
      return;
    }
    if (!out_.empty() && !glue_) out_ += ' ';
    out_ += word;
    glue_ = is_opening(word);
  }

  void open(std::string_view mark) {
    add(mark);
    glue_ = true;
  }

  void close(std::string_view mark) {
    out_ += mark;
    glue_ = false;
  }

  bool at_macro() const { return at_ < line_.size() && is_mdoc_macro(line_[at_]); }

  /// Arguments up to the next macro; punctuation stays outside of what `before` marks.
  void arguments(std::string_view before, std::string_view empty = {}) {
    bool any = false;
    while (at_ < line_.size() && !at_macro()) {
      const std::string word = roff_text(line_[at_++]);
      if (is_closing(word) || is_opening(word) || word == "|") {
        if (!any && !empty.empty() && is_closing(word)) add(empty);
        any = true;
        add(word);
        continue;
      }
      any = true;
      add(std::string(before) + word);
    }
    if (!any && !empty.empty()) add(empty);
  }

  void step() {
    const std::string& word = line_[at_];
    if (!is_mdoc_macro(word)) {
      add(roff_text(word));
      ++at_;
      return;
    }
    ++at_;
    macro(word);
  }

  void macro(const std::string& name) {
    for (const Pair& pair : pairs) {
      if (name != pair.macro) continue;
      open(pair.open);
      // Punctuation at the line's end stands behind the mark.
      pending_.push_back(pair.close);
      std::size_t end = line_.size();
      while (end > at_ && is_closing(line_[end - 1])) --end;
      const std::vector<std::string> inner(line_.begin() + static_cast<std::ptrdiff_t>(at_),
                                           line_.begin() + static_cast<std::ptrdiff_t>(end));
      out_ += MdocLine(inner, names_).text();
      at_ = end;
      close(pending_.back());
      pending_.pop_back();
      return;
    }
    for (const Pair& half : halves) {
      if (name != half.macro) continue;
      if (half.close.empty()) {
        open(half.open);
      } else {
        close(half.close);
      }
      return;
    }
    for (const auto& [macro, system] : systems) {
      if (name != macro) continue;
      add(system);
      return;
    }
    if (name == "Fl") {
      arguments("-", "-");
    } else if (name == "Ar") {
      arguments("", "file ...");
    } else if (name == "Nm") {
      arguments("", names_.page);
    } else if (name == "Xr") {
      cross_reference();
    } else if (name == "Fn" || name == "Fo") {
      function(name == "Fo");
    } else if (name == "In") {
      if (at_ < line_.size()) add("#include <" + roff_text(line_[at_++]) + ">");
    } else if (name == "Ns" || name == "Ap" || name == "Pf") {
      if (name == "Pf" && at_ < line_.size()) add(roff_text(line_[at_++]));
      if (name == "Ap") out_ += '\'';
      glue_ = true;
    } else if (name == "Ex") {
      add("The " + names_.page + " utility exits 0 on success, and >0 if an error occurs.");
      at_ = line_.size();
    } else if (name == "Ta") {
      add("|");
    } else if (name == "Bf" || name == "Ef" || name == "Rs" || name == "Re" || name == "Sm" ||
               name == "Hf" || name == "Db") {
      at_ = line_.size();
    } else {
      arguments("");  // the others set a font
    }
  }

  void cross_reference() {
    if (at_ >= line_.size() || at_macro()) return;
    std::string page = roff_text(line_[at_++]);
    if (at_ < line_.size() && !at_macro() && !is_closing(line_[at_])) {
      page += "(" + roff_text(line_[at_++]) + ")";
    }
    add(page);
  }

  void function(bool open_only) {
    if (at_ >= line_.size()) return;
    std::string call = roff_text(line_[at_++]) + "(";
    bool first = true;
    while (!open_only && at_ < line_.size() && !at_macro() && !is_closing(line_[at_])) {
      if (!first) call += ", ";
      first = false;
      call += roff_text(line_[at_++]);
    }
    add(open_only ? call : call + ")");
    glue_ = open_only;
  }

  const std::vector<std::string>& line_;
  const MdocNames& names_;
  std::size_t at_ = 0;
  std::string out_;
  bool glue_ = false;  // no space before the next word
  std::vector<std::string_view> pending_;
};

}  // namespace

bool is_mdoc_macro(std::string_view request) {
  if (request.size() < 2 || request.size() > 3) return false;
  return macros.find(" " + std::string(request) + " ") != macros.npos;
}

std::string mdoc_text(const std::vector<std::string>& line, const MdocNames& names) {
  return MdocLine(line, names).text();
}

}  // namespace callslip
