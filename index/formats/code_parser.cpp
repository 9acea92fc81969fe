// Code, configuration and other data that is cut by lines. The type comes from the name or from
// the "#!" line; the text is the file's.
#include <algorithm>
#include <span>
#include <utility>

#include "index/code/code_outline.h"
#include "index/formats/html_parser.h"
#include "index/formats/parser.h"
#include "index/formats/text_document.h"
#include "index/text/encoding.h"

namespace callslip {
namespace {

struct Language {
  std::string_view type;
  std::string_view extensions;  // each between spaces
};

constexpr Language languages[] = {
    {"c", " c h "},
    {"cpp", " cc cpp cxx c++ hh hpp hxx h++ ipp inl tcc tpp ixx cppm "},
    {"objective-c", " m mm "},
    {"cuda", " cu cuh "},
    {"glsl", " glsl vert frag comp hlsl metal wgsl "},
    {"python", " py pyi pyw pyx pxd bzl star "},
    {"go", " go "},
    {"rust", " rs "},
    {"java", " java "},
    {"kotlin", " kt kts "},
    {"groovy", " groovy gradle "},
    {"scala", " scala sbt sc "},
    {"clojure", " clj cljs cljc edn "},
    {"javascript", " js mjs cjs jsx es6 "},
    {"typescript", " ts mts cts tsx "},
    {"vue", " vue svelte astro "},
    {"csharp", " cs csx "},
    {"fsharp", " fs fsi fsx "},
    {"vb", " vb vbs bas "},
    {"swift", " swift "},
    {"dart", " dart "},
    {"ruby", " rb rake gemspec ru "},
    {"php", " php php3 php4 php5 phtml "},
    {"perl", " pl pm pod t "},
    {"raku", " raku rakumod "},
    {"shell", " sh bash zsh ksh fish ebuild "},
    {"powershell", " ps1 psm1 psd1 "},
    {"batch", " bat cmd "},
    {"lua", " lua "},
    {"tcl", " tcl tk exp "},
    {"awk", " awk "},
    {"sed", " sed "},
    {"vim", " vim "},
    {"lisp", " lisp lsp cl el "},
    {"scheme", " scm ss rkt "},
    {"r", " r rmd "},
    {"julia", " jl "},
    {"matlab", " matlab octave "},
    {"fortran", " f f77 f90 f95 f03 f08 for "},
    {"pascal", " pas pp dpr lpr "},
    {"ada", " adb ads "},
    {"cobol", " cob cbl "},
    {"d", " d di "},
    {"zig", " zig "},
    {"nim", " nim nims "},
    {"v", " v sv svh "},
    {"vhdl", " vhd vhdl "},
    {"haskell", " hs lhs "},
    {"ocaml", " ml mli "},
    {"erlang", " erl hrl "},
    {"elixir", " ex exs "},
    {"elm", " elm "},
    {"prolog", " prolog "},
    {"coq", " coq lean agda "},
    {"solidity", " sol "},
    {"assembly", " s asm nasm "},
    {"sql", " sql psql ddl "},
    {"graphql", " graphql gql "},
    {"proto", " proto "},
    {"thrift", " thrift capnp fbs avdl "},
    {"cmake", " cmake "},
    {"make", " mk mak "},
    {"meson", " meson "},
    {"bazel", " bazel "},
    {"nix", " nix "},
    {"hcl", " hcl tf tfvars "},
    {"css", " css "},
    {"scss", " scss sass less styl "},
    {"template", " jinja jinja2 j2 erb ejs hbs mustache tmpl jsp asp aspx cshtml "},
    {"json", " json json5 jsonc "},  // with ".in" behind it; else the parser for it is first
    {"yaml", " yaml yml "},
    {"toml", " toml "},
    {"ini", " ini cfg conf cnf properties desktop service socket timer env "},
    {"xml",
     " xml xsd xsl xslt rng svg plist pom csproj vcxproj fsproj props targets rss atom wsdl "},
    {"dts", " dts dtsi "},
    {"linker-script", " ld lds "},
    {"yacc", " y yy "},
    {"lex", " l ll "},
    {"diff", " diff patch "},
    {"gettext", " po pot "},
    {"log", " log "},
    {"m4", " m4 ac "},
    {"automake", " am "},
    {"dockerfile", " dockerfile containerfile "},
    {"bibtex", " bib "},
};

struct KnownName {
  std::string_view name;  // lower case
  std::string_view type;
};

constexpr KnownName known_names[] = {{"makefile", "make"},
                                     {"gnumakefile", "make"},
                                     {"bsdmakefile", "make"},
                                     {"kbuild", "make"},
                                     {"kconfig", "kconfig"},
                                     {"dockerfile", "dockerfile"},
                                     {"containerfile", "dockerfile"},
                                     {"cmakelists.txt", "cmake"},
                                     {"meson.build", "meson"},
                                     {"meson_options.txt", "meson"},
                                     {"build", "bazel"},
                                     {"workspace", "bazel"},
                                     {"rakefile", "ruby"},
                                     {"gemfile", "ruby"},
                                     {"vagrantfile", "ruby"},
                                     {"podfile", "ruby"},
                                     {"brewfile", "ruby"},
                                     {"jenkinsfile", "groovy"},
                                     {"sconstruct", "python"},
                                     {"sconscript", "python"},
                                     {"wscript", "python"},
                                     {"pipfile", "toml"},
                                     {"cargo.lock", "toml"},
                                     {"poetry.lock", "toml"},
                                     {"go.mod", "go"},
                                     {"go.sum", "text"},
                                     {"justfile", "make"},
                                     {"configure.ac", "m4"},
                                     {"procfile", "yaml"},
                                     {".bashrc", "shell"},
                                     {".bash_profile", "shell"},
                                     {".profile", "shell"},
                                     {".zshrc", "shell"},
                                     {".vimrc", "vim"},
                                     {".emacs", "lisp"},
                                     {".gitignore", "ini"},
                                     {".gitattributes", "ini"},
                                     {".gitmodules", "ini"},
                                     {".gitconfig", "ini"},
                                     {".dockerignore", "ini"},
                                     {".callslipignore", "ini"},
                                     {".editorconfig", "ini"},
                                     {".npmrc", "ini"},
                                     {".env", "ini"},
                                     {".clang-format", "yaml"},
                                     {".clang-tidy", "yaml"},
                                     {".eslintrc", "json"},
                                     {".babelrc", "json"},
                                     {".prettierrc", "json"},
                                     {"requirements.txt", "ini"}};

constexpr KnownName interpreters[] = {
    {"sh", "shell"},           {"bash", "shell"},      {"dash", "shell"},
    {"zsh", "shell"},          {"ksh", "shell"},       {"ash", "shell"},
    {"fish", "shell"},         {"python", "python"},   {"pypy", "python"},
    {"perl", "perl"},          {"ruby", "ruby"},       {"node", "javascript"},
    {"nodejs", "javascript"},  {"deno", "typescript"}, {"bun", "typescript"},
    {"ts-node", "typescript"}, {"php", "php"},         {"lua", "lua"},
    {"luajit", "lua"},         {"tclsh", "tcl"},       {"wish", "tcl"},
    {"expect", "tcl"},         {"awk", "awk"},         {"gawk", "awk"},
    {"mawk", "awk"},           {"sed", "sed"},         {"make", "make"},
    {"rscript", "r"},          {"groovy", "groovy"},   {"scala", "scala"},
    {"escript", "erlang"},     {"elixir", "elixir"},   {"runghc", "haskell"},
    {"ocaml", "ocaml"},        {"guile", "scheme"},    {"racket", "scheme"},
    {"julia", "julia"},        {"pwsh", "powershell"}, {"nft", "ini"},
    {"swift", "swift"}};

std::string_view find_name(std::span<const KnownName> table, std::string_view name) {
  const auto* found = std::find_if(table.data(), table.data() + table.size(),
                                   [&](const KnownName& known) { return known.name == name; });
  return found == table.data() + table.size() ? std::string_view() : found->type;
}

std::string_view type_by_extension(const std::string& extension) {
  if (extension.empty() || extension.find(' ') != std::string::npos) return {};
  const std::string padded = " " + extension + " ";
  for (const Language& language : languages) {
    if (language.extensions.find(padded) != std::string_view::npos) return language.type;
  }
  return {};
}

/// "#!/usr/bin/env -S python3.11 -u" is python: the last path part of the first word that is
/// neither env, an option nor an assignment, without its version.
std::string_view type_by_interpreter(std::string_view head) {
  if (!head.starts_with("#!")) return {};
  std::string_view line = head.substr(2, head.find_first_of("\r\n") - 2);
  while (!(line = trimmed(line)).empty()) {
    std::string_view word = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(word.size());
    if (word.starts_with('-') || word.find('=') != word.npos) continue;
    word.remove_prefix(word.rfind('/') + 1);  // 0 where there is no slash
    if (word == "env" || word == "sudo") continue;
    const std::size_t end = word.find_last_not_of("0123456789.");
    return find_name(interpreters, ascii_lower(word.substr(0, end + 1)));
  }
  return {};
}

bool is_cpp_header(std::string_view head) {
  for (const std::string_view sign : {"namespace ", "template <", "template<", "class ", "std::"}) {
    if (head.find(sign) != head.npos) return true;
  }
  return false;
}

/// Empty when this is not code, as far as the name and the first bytes tell.
std::string_view code_type(std::string_view name, std::string_view head) {
  const std::string lower = ascii_lower(name);
  if (const std::string_view type = find_name(known_names, lower); !type.empty()) return type;
  for (const std::string_view stem : {"makefile.", "dockerfile.", "containerfile."}) {
    if (lower.starts_with(stem)) return stem == "makefile." ? "make" : "dockerfile";
  }
  if (lower.size() > 3 && lower.ends_with(".in")) {  // a template of the file without it
    return code_type(name.substr(0, name.size() - 3), head);
  }
  std::string_view type = type_by_extension(file_extension(name));
  if (type == "xml" && looks_like_html(head)) return {};
  if (type == "c" && lower.ends_with(".h") && is_cpp_header(head)) return "cpp";
  if (type.empty()) type = type_by_interpreter(head);
  // Headers without an extension, as standard libraries have them, say so in their first line.
  if (type.empty() && head.substr(0, head.find('\n')).find("-*- C++ -*-") != head.npos)
    return "cpp";
  return type;
}

class CodeParser final : public Parser {
 public:
  bool accepts(std::string_view name, std::string_view head) const override {
    return !code_type(name, head).empty();
  }

  Status parse(std::string_view name, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
    std::string_view type = code_type(name, std::string_view(bytes).substr(0, 4096));
    if (type.empty()) type = "code";
    const std::string declared = type == "xml" ? declared_encoding(bytes) : std::string();
    Result<ParsedDocument> document =
        make_text_document(std::move(bytes), type, TextKind::code, declared);
    if (!document) return document.error();
    outline(*document);
    return sink(std::move(*document));
  }
};

}  // namespace

const Parser& code_parser();
const Parser& code_parser() {
  static const CodeParser parser;
  return parser;
}

}  // namespace callslip
