#include "index/code/code_header.h"

#include <algorithm>

#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr std::size_t longest_name = 120;  // bytes
constexpr std::size_t no_token = static_cast<std::size_t>(-1);

/// Whether a word is one of those of a list that is parted by spaces.
bool is_one_of(std::string_view word, std::string_view list) {
  for (std::size_t pos = list.find(word); pos != list.npos; pos = list.find(word, pos + 1)) {
    const std::size_t end = pos + word.size();
    if ((pos == 0 || list[pos - 1] == ' ') && (end == list.size() || list[end] == ' ')) return true;
  }
  return false;
}

constexpr std::string_view control_words =
    "if for while switch catch return else do sizeof new throw case await yield assert elif "
    "foreach "
    "with using lock fixed synchronized select defer go match loop unless until try finally "
    "default "
    "static_assert typeof alignof";
// What looks like a call before or behind a function's name.
constexpr std::string_view attribute_words =
    "__attribute__ __declspec alignas decltype noexcept explicit requires __printf __scanf "
    "__aligned "
    "__section __releases __acquires __must_hold __nonnull extern pragma asm volatile throws throw "
    "__cond_acquires __cond_lock __alloc_size __counted_by __no_sanitize";

class HeaderReader {
 public:
  HeaderReader(std::string_view text, const std::vector<CodeToken>& tokens,
               const CodeSyntax& syntax, bool in_class)
      : text_(text), tokens_(tokens), syntax_(syntax), in_class_(in_class) {}

  Definition read() {
    if (tokens_.empty()) return transparent();
    if (is("extern", 0) && tokens_.size() == 1) return transparent();
    if (Definition found = keyword(); found.scope != Definition::Scope::body) return found;
    if (!syntax_.function_keyword.empty()) {
      if (Definition found = keyword_function(); !found.kind.empty()) return found;
    }
    const bool script = is_script();
    if (syntax_.function_keyword.empty() || script) {
      if (Definition found = shaped_function(script); !found.kind.empty()) return found;
    }
    if (Definition found = variable(); !found.kind.empty()) return found;
    if (is_one_of(word(0), control_words)) return {};
    // "(function () {", "describe('x', () => {", "object = {": what is inside may be looked for.
    return script ? transparent() : Definition{};
  }

 private:
  static Definition transparent() { return {Definition::Scope::transparent, {}, {}}; }

  bool is_script() const { return syntax_.function_keyword == "function"; }

  std::string_view word(std::size_t i) const {
    return i < tokens_.size() ? text_.substr(tokens_[i].start, tokens_[i].end - tokens_[i].start)
                              : std::string_view();
  }
  bool is(std::string_view what, std::size_t i) const { return word(i) == what; }
  bool is_word(std::size_t i) const { return i < tokens_.size() && tokens_[i].word; }

  /// The token behind the bracket that closes the one at `i`.
  std::size_t behind(std::size_t i) const {
    std::size_t depth = 0;
    for (; i < tokens_.size(); ++i) {
      const char c = text_[tokens_[i].start];
      if (c == '(' || c == '[') ++depth;
      if ((c == ')' || c == ']') && (depth == 0 || --depth == 0)) return i + 1;
    }
    return tokens_.size();
  }

  /// The last token of an annotation: "@a.B(c)".
  std::size_t annotation_end(std::size_t i) const {
    ++i;
    while (is(".", i + 1) && is_word(i + 2)) i += 2;
    return is("(", i + 1) ? behind(i + 1) - 1 : i;
  }

  std::string slice(std::size_t first, std::size_t last) const {
    std::string out;
    for (const char c :
         text_.substr(tokens_[first].start, tokens_[last].end - tokens_[first].start)) {
      const bool space = static_cast<unsigned char>(c) <= ' ';
      if (space && (out.empty() || out.back() == ' ')) continue;
      out += space ? ' ' : c;
    }
    out.resize(utf8_floor(out, longest_name));
    return out;
  }

  /// "Foo::bar", "Foo<T>::bar", "~Foo": the name that ends with the token `last`.
  std::string qualified(std::size_t last) const {
    std::size_t first = last;
    if (first > 0 && is("~", first - 1)) --first;
    while (first >= 3 && is(":", first - 1) && is(":", first - 2)) {
      std::size_t before = first - 3;
      if (is(">", before)) {
        std::size_t depth = 0;
        while (before > 0) {
          if (is(">", before)) ++depth;
          if (is("<", before) && --depth == 0) break;
          --before;
        }
        if (before > 0) --before;
      }
      if (!is_word(before)) break;
      first = before;
    }
    return slice(first, last);
  }

  /// "class Foo : Bar", "namespace a::b", "impl Display for Foo", "type X struct".
  Definition keyword() const {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const char c = text_[tokens_[i].start];
      if (c == '(' || c == '[') ++depth;
      if ((c == ')' || c == ']') && depth > 0) --depth;
      if (c == '<' && i > 0 && is("template", i - 1)) i = behind_angles(i) - 1;
      if (c == '@' && is_word(i + 1) && kind_of(word(i + 1)).empty()) {
        i = annotation_end(i);
        continue;
      }
      if (c == '=' || c == '(') return {};  // "struct x y = {", "struct x *f(...) {"
      if (depth > 0 || !tokens_[i].word) continue;
      if (is_one_of(word(i), syntax_.function_keyword)) return {};
      const std::string_view kind = kind_of(word(i));
      if (kind.empty()) continue;
      if (syntax_.directives && is_of_other(i)) return {};
      Definition definition{Definition::Scope::container, kind, {}};
      if (kind == "impl") {
        const std::size_t first = is("<", i + 1) ? behind_angles(i + 1) : i + 1;
        if (first >= tokens_.size()) return {};
        definition.name = slice(first, tokens_.size() - 1);
        return definition;
      }
      if (kind == "type") {  // Go: "type Foo struct {"
        if (!is_word(i + 1)) return {};
        definition.name = word(i + 1);
        if (is_word(i + 2)) definition.kind = kind_of(word(i + 2));
        if (definition.kind.empty()) definition.kind = "type";
        return definition;
      }
      return named(definition, i + 1);
    }
    return {};
  }

  /// Whether "struct x" is only the type of what is defined: "struct x *f(int y) {".
  bool is_of_other(std::size_t i) const {
    for (++i; i < tokens_.size(); ++i) {
      if (is("=", i)) return true;
      if (!is("(", i)) continue;
      if (!is_one_of(word(i - 1), attribute_words)) return true;
      i = behind(i) - 1;
    }
    return false;
  }

  std::size_t behind_angles(std::size_t i) const {
    std::size_t depth = 0;
    for (; i < tokens_.size(); ++i) {
      if (is("<", i)) ++depth;
      if (is(">", i) && --depth == 0) return i + 1;
    }
    return tokens_.size();
  }

  /// Takes the name that follows a keyword; behind it come bases, bounds or nothing, but no word
  /// that would make it a type: "struct foo bar() {".
  Definition named(Definition definition, std::size_t i) const {
    while (i < tokens_.size()) {
      if (is("[", i) || (is("(", i) && i > 0)) {
        i = behind(i);
      } else if (is_one_of(word(i), attribute_words) || is("class", i) || is("struct", i) ||
                 is("!", i)) {
        ++i;
      } else {
        break;
      }
    }
    if (!is_word(i)) {
      // An anonymous one; "enum {" has nothing to look for, a namespace has.
      return {Definition::Scope::transparent, {}, {}};
    }
    // A macro may stand before the name: "class EXPORT Foo".
    std::size_t last = i;
    while (is_word(last + 1) && !is_one_of(word(last + 1),
                                           "final extends implements where is with "
                                           "permits for as on mixin sealed")) {
      ++last;
    }
    if (definition.kind != "namespace" && last > i && is_word(i) && word(i).size() > 1) i = last;
    std::size_t end = i;
    while (end + 1 < tokens_.size() &&
           (is(":", end + 1) || is(".", end + 1) || is("\\", end + 1)) &&
           (is(":", end + 1) ? is(":", end + 2) && is_word(end + 3) : is_word(end + 2))) {
      end += is(":", end + 1) ? 3 : 2;
    }
    definition.name = slice(i, end);
    return definition;
  }

  std::string_view kind_of(std::string_view keyword) const {
    const std::string_view list = syntax_.definitions;
    for (std::size_t pos = 0; pos < list.size();) {
      const std::size_t end = std::min(list.find(' ', pos), list.size());
      const std::string_view entry = list.substr(pos, end - pos);
      const std::size_t equals = entry.find('=');
      if (entry.substr(0, equals) == keyword) {
        return equals == entry.npos ? entry : entry.substr(equals + 1);
      }
      pos = end + 1;
    }
    return {};
  }

  std::string_view function_kind() const { return in_class_ ? "method" : "function"; }

  /// "fn name(", "func (r *T) name(", "const name = function (".
  Definition keyword_function() const {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (!tokens_[i].word || !is_one_of(word(i), syntax_.function_keyword)) continue;
      Definition definition{Definition::Scope::body, function_kind(), {}};
      if (is("init", i)) {
        definition.name = "init";
        return definition;
      }
      std::size_t name = i + 1;
      if (is("*", name) || is("&", name)) ++name;  // a generator, a reference
      std::string receiver;
      if (is("(", name)) {
        const std::size_t next = behind(name);
        if (!is_word(next) || !is("(", next + 1)) return assigned(i);  // without a name
        for (std::size_t t = name; t < next; ++t) {  // the type is the last word: "(r *T[K])"
          if (is("[", t)) break;
          if (is_word(t)) receiver = word(t);
        }
        name = next;
      }
      if (!is_word(name)) return assigned(i);
      std::size_t last = name;
      while (is(".", last + 1) && is_word(last + 2)) last += 2;  // of another type: Kotlin
      definition.name = slice(name, last);
      if (!receiver.empty()) {
        definition.name = receiver + "." + definition.name;
        definition.kind = "method";
      }
      return definition;
    }
    return {};
  }

  /// "name = function (", "name: async (x) => ": the word before the first "=" or ":".
  Definition assigned(std::size_t before) const {
    for (std::size_t i = 0; i < before; ++i) {
      if (is("(", i) || is("[", i)) i = behind(i) - 1;
      if (i >= before || i == 0 || (!is("=", i) && !is(":", i))) continue;
      if (!is_word(i - 1)) return {};
      std::size_t first = i - 1;
      while (first >= 2 && is(".", first - 1) && is_word(first - 2)) first -= 2;
      return {Definition::Scope::body, function_kind(), slice(first, i - 1)};
    }
    return {};
  }

  /// The name before an opening bracket, over its type arguments: "f(", "f<T>("; none: no_token.
  std::size_t name_before(std::size_t bracket) const {
    if (bracket == 0) return no_token;
    std::size_t i = bracket - 1;
    if (is(">", i)) {
      std::size_t depth = 0;
      for (;; --i) {
        if (is(">", i)) ++depth;
        if (is("<", i) && --depth == 0) break;
        if (i == 0) return no_token;
      }
      if (i == 0) return no_token;
      --i;
    }
    return is_word(i) && !is_one_of(word(i), attribute_words) ? i : no_token;
  }

  /// "int Foo::bar(int x) const : a_(x)", "TEST(Suite, Name)", "name(x)" in a class.
  Definition shaped_function(bool script) const {
    if (is_one_of(word(0), control_words)) return {};
    if (script && tokens_.size() > 2 && is(">", tokens_.size() - 1) &&
        is("=", tokens_.size() - 2)) {
      // A call that takes the arrow as an argument defines nothing.
      return unclosed() ? Definition{} : assigned(tokens_.size() - 2);
    }
    if (script && !in_class_) return {};
    std::size_t bracket = no_token;
    bool lead = false;  // a word stands before: the type that is returned
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const char c = text_[tokens_[i].start];
      if (c == '=') return {};
      if (c == '@' && is_word(i + 1)) {  // an annotation
        i = annotation_end(i);
      } else if (c == '[') {
        i = behind(i) - 1;
      } else if (c == '<' && i > 0 && is("template", i - 1)) {
        i = behind_angles(i) - 1;
      } else if (c == ':' && bracket != no_token && !is(":", i + 1) && !is(":", i - 1)) {
        break;  // what is initialised, or what is returned
      } else if (is("operator", i)) {
        return operator_at(i);
      } else if (c == '(') {
        if (name_before(i) != no_token && (bracket == no_token || lead)) {
          bracket = i;
          if (lead) break;
        }
        i = behind(i) - 1;
      } else if (tokens_[i].word && !is("(", i + 1)) {
        lead = true;
      }
    }
    if (bracket == no_token) return {};
    const std::size_t name = name_before(bracket);
    Definition definition{Definition::Scope::body, function_kind(), qualified(name)};
    if (is_macro(name)) {
      // Such a macro makes a name of its arguments: SYSCALL_DEFINE1(close, ...).
      const std::size_t close = behind(bracket) - 1;
      if (is(")", close)) definition.name = slice(name, close);
    }
    return definition;
  }

  /// Whether the name is in capitals and no type stands before it.
  bool is_macro(std::size_t name) const {
    if (word(name).size() < 3) return false;
    if (word(name).find_first_of("abcdefghijklmnopqrstuvwxyz") != std::string_view::npos) {
      return false;
    }
    for (std::size_t i = 0; i < name; ++i) {
      if (!is_one_of(word(i), "static inline extern")) return false;
    }
    return true;
  }

  bool unclosed() const {
    int depth = 0;
    for (const CodeToken& token : tokens_) {
      const char c = text_[token.start];
      if (c == '(' || c == '[') ++depth;
      if (c == ')' || c == ']') --depth;
    }
    return depth > 0;
  }

  Definition operator_at(std::size_t i) const {
    std::size_t last = i + 1;
    if (is("(", last) && is(")", last + 1)) {
      last += 1;
    } else {
      while (last + 1 < tokens_.size() && !is("(", last + 1)) ++last;
    }
    if (last >= tokens_.size()) return {};
    std::string name = qualified(i);
    return {Definition::Scope::body, function_kind(), name + slice(i + 1, last)};
  }

  /// "static const struct file_operations ext4_fops = {" of a file or a namespace.
  Definition variable() const {
    if (in_class_ || is_one_of(word(0), control_words)) return {};
    for (std::size_t i = 1; i < tokens_.size(); ++i) {
      if (is("(", i)) return {};
      if (!is("=", i)) continue;
      if (i + 1 != tokens_.size()) return {};
      std::size_t name = i - 1;
      if (is("]", name)) {
        while (name > 0 && !is("[", name)) --name;
        while (name > 1 && is("]", name - 1)) {  // of several dimensions
          --name;
          while (name > 0 && !is("[", name)) --name;
        }
        if (name == 0) return {};
        --name;
      }
      if (!is_word(name) || name == 0) return {};
      return {is_script() ? Definition::Scope::container : Definition::Scope::body, "variable",
              std::string(word(name))};
    }
    return {};
  }

  const std::string_view text_;
  const std::vector<CodeToken>& tokens_;
  const CodeSyntax& syntax_;
  const bool in_class_;
};

}  // namespace

Definition read_header(std::string_view text, const std::vector<CodeToken>& header,
                       const CodeSyntax& syntax, bool in_class) {
  return HeaderReader(text, header, syntax, in_class).read();
}

}  // namespace callslip
