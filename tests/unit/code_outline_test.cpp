#include "index/code/code_outline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "index/text/utf8.h"

namespace callslip {
namespace {

using std::string;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Heading> headings_of(const char* type, const string& text) {
  const CodeSyntax& syntax = code_syntax(type);
  return outline_code(text, syntax, comments_and_strings(text, syntax));
}

/// "1 class Foo", "2 method bar": level and text of each.
std::vector<string> outline_of(const char* type, const string& text) {
  std::vector<string> out;
  for (const Heading& heading : headings_of(type, text)) {
    out.push_back(std::to_string(heading.level) + " " + heading.text);
  }
  return out;
}

TEST(CodeOutline, FindsWhatCDefines) {
  EXPECT_THAT(
      outline_of("c", R"(#include <linux/fs.h>
#define MIN(a, b) ((a) < (b) ? (a) : (b))
struct inode *lookup(struct dir *d);
struct page_state {
	unsigned long flags;
	union {
		int a;
	} u;
};
enum color { RED, GREEN };
typedef struct {
	int x;
} point_t;
static const struct file_operations ext4_ops = {
	.open = ext4_open,
};
static struct inode *find_inode(struct super_block *sb, u64 ino)
{
	if (ino) {
		return NULL;
	}
	for (;;) { }
}
__printf(2, 3) void note(struct ctx *c, const char *fmt, ...)
{
}
int take(void) __acquires(lock)
{
	return 0;
}
SYSCALL_DEFINE2(link, const char __user *, oldname, const char __user *, newname)
{
	return 0;
}
)"),
      ElementsAre("1 struct page_state", "1 enum color", "1 type point_t", "1 variable ext4_ops",
                  "1 function find_inode", "1 function note", "1 function take",
                  "1 function SYSCALL_DEFINE2(link, const char __user *, oldname, const char "
                  "__user *, newname)"));
}

TEST(CodeOutline, IsNotLedAstrayByThePreprocessor) {
  EXPECT_THAT(outline_of("c", R"(
#ifdef A
static int first(int a)
{
	if (a) {
#else
static int first(long a)
{
	if (!a) {
#endif
		go();
	}
}
static int second(void)
{
	OPEN_BLOCK {
}
static int third(void) { return '{'; } /* } */
)"),
              ElementsAre("1 function first", "1 function second", "1 function third"));
}

TEST(CodeOutline, NestsMethodsInClassesAndNamespaces) {
  EXPECT_THAT(outline_of("cpp", R"(
namespace shop::cart {
template <class T, class = int>
class Basket final : public Base<T> {
 public:
  explicit Basket(int size) : size_(size), items_{size} {}
  ~Basket() = default;
  bool operator==(const Basket& other) const { return true; }
  template <class U> void put(U&& item) { items_.push_back(item); }
 private:
  struct Node { int x; };
};
}
std::vector<int> shop::Store::list(const std::string& name) const {
  auto f = [&](int x) { return x; };
  return {};
}
Store::Store() : a_(1), b_{2} {
  if (a_) { run(); }
}
TEST(Basket, Empties) { EXPECT_TRUE(x); }
extern "C" {
void hook(void) { }
}
)"),
              ElementsAre("1 namespace shop::cart", "2 class Basket", "3 method Basket",
                          "3 method operator==", "3 method put", "3 struct Node",
                          "1 function shop::Store::list", "1 function Store::Store",
                          "1 function TEST(Basket, Empties)", "1 function hook"));
}

TEST(CodeOutline, KnowsJavaAndItsAnnotations) {
  EXPECT_THAT(outline_of("java", R"(package a.b;
@Entity(name = "x")
public class Account<T extends Comparable<T>> implements Saved {
  private int x = 0;
  @Override
  public <R> R visit(Visitor<R> v) throws IOException {
    if (x > 0) { return null; }
    return v.accept(new Runnable() { public void run() {} });
  }
  Account(String name) { this.name = name; }
  interface Listener { void changed(); }
}
enum Color { RED, GREEN; }
)"),
              ElementsAre("1 class Account", "2 method visit", "2 method Account",
                          "2 interface Listener", "1 enum Color"));
}

TEST(CodeOutline, KnowsPythonByItsIndentation) {
  EXPECT_THAT(outline_of("python", R"(import os

@decorator
class Shelf(Base):
    """A class of its own:
def not_this(): pass
"""
    @property
    def books(self):
        def inner(x):
            return x
        return inner

    async def fetch(self, url: str) -> bytes:
        pass

def main():
    pass

if __name__ == "__main__":
    main()
)"),
              ElementsAre("1 class Shelf", "2 method books", "3 function inner", "2 method fetch",
                          "1 function main"));
}

TEST(CodeOutline, KnowsScripts) {
  EXPECT_THAT(outline_of("javascript", R"(
import x from 'y';
export default class Cart extends Base {
  #count = 0;
  constructor(size) { super(); }
  async total(list) { return list.map((x) => { return x; }); }
  static of(...items) { if (items) { } }
}
function outer(a) { return /[{"]/.test(a); }
const add = async (a, b) => { return a + b; };
exports.remove = function (item) { };
(function () {
  function hidden() { }
})();
describe('cart', () => { it('adds', () => { }); });
)"),
              ElementsAre("1 class Cart", "2 method constructor", "2 method total", "2 method of",
                          "1 function outer", "1 function add", "1 function exports.remove",
                          "1 function hidden"));
  EXPECT_THAT(outline_of("typescript", R"(
export interface Shape { area(): number; }
export class Box<T> implements Shape {
  private readonly w: number;
  area(scale: number = 1): number { return 1; }
  map<U>(f: (x: T) => U): Box<U> { return this; }
}
)"),
              ElementsAre("1 interface Shape", "1 class Box", "2 method area", "2 method map"));
}

TEST(CodeOutline, KnowsGoAndRust) {
  EXPECT_THAT(outline_of("go", R"(package main
type Server struct {
	name string
}
type Handler interface { Serve() }
func (s *Server) Listen(addr string) error {
	go func() { }()
	return nil
}
func New[T any](x T) *Server { return &Server{name: "x"} }
)"),
              ElementsAre("1 struct Server", "1 interface Handler", "1 method Server.Listen",
                          "1 function New"));
  EXPECT_THAT(outline_of("rust", R"(
/// A shelf.
pub struct Shelf<'a> { name: &'a str }
impl<'a> Shelf<'a> {
    pub fn new(name: &'a str) -> Self { Shelf { name } }
}
impl fmt::Display for Shelf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { match self { _ => Ok(()) } }
}
mod tests { fn works() { assert!(true); } }
macro_rules! square { ($x:expr) => { $x * $x } }
)"),
              ElementsAre("1 struct Shelf", "1 impl Shelf<'a>", "2 method new",
                          "1 impl fmt::Display for Shelf<'_>", "2 method fmt", "1 mod tests",
                          "2 function works", "1 macro square"));
}

TEST(CodeOutline, KnowsOtherLanguages) {
  EXPECT_THAT(outline_of("csharp",
                         "namespace A.B {\n  public class C : D {\n    public int X { get; }\n"
                         "    [Fact] public async Task<int> Run(int a) { }\n  }\n}\n"),
              ElementsAre("1 namespace A.B", "2 class C", "3 method Run"));
  EXPECT_THAT(
      outline_of("php", "<?php\nnamespace A;\nfinal class B {\n  public function c($d) { }\n}\n"),
      ElementsAre("1 class B", "2 method c"));
  EXPECT_THAT(outline_of("kotlin",
                         "class A(val x: Int) : B() {\n  fun c(): Int { return 1 }\n}\n"
                         "fun String.shout() { }\n"),
              ElementsAre("1 class A", "2 method c", "1 function String.shout"));
  EXPECT_THAT(
      outline_of("ruby",
                 "module A\n  class B < C\n    def self.d(x)\n      x\n    end\n  end\nend\n"),
      ElementsAre("1 module A", "2 class B", "3 method self.d"));
  EXPECT_THAT(
      outline_of("shell", "#!/bin/sh\nmake_it() {\n  echo hi\n}\nfunction other {\n  :\n}\n"),
      ElementsAre("1 function make_it", "1 function other"));
  EXPECT_THAT(outline_of("lua", "local function a(x)\n  return x\nend\nfunction M.b()\nend\n"),
              ElementsAre("1 function a", "1 function M.b"));
  EXPECT_THAT(outline_of("sql",
                         "CREATE OR REPLACE FUNCTION f(x int) AS $$\n$$;\n"
                         "create table if not exists people (\n  id int\n);\n"),
              ElementsAre("1 function f", "1 table people"));
  EXPECT_THAT(outline_of("lisp", "(defun read-it (x)\n  x)\n(defvar *count* 0)\n"),
              ElementsAre("1 function read-it", "1 variable *count*"));
  EXPECT_THAT(outline_of("kconfig", "menu \"Networking\"\nconfig NET\n\tbool \"x\"\nendmenu\n"),
              ElementsAre("1 menu Networking", "1 config NET"));
  EXPECT_THAT(outline_of("make", "CC := gcc\nall: a.o\n\t$(CC)\n.PHONY: all\n"),
              ElementsAre("1 target all", "1 target .PHONY"));
  EXPECT_THAT(outline_of("haskell", "module A where\nshout :: String -> String\nshout x = x\n"),
              ElementsAre("1 module A", "1 function shout"));
  EXPECT_THAT(outline_of("proto", "message A {\n  enum B { X = 0; }\n}\nservice S { }\n"),
              ElementsAre("1 message A", "2 enum B", "1 service S"));
  EXPECT_THAT(outline_of("toml", "[package]\nname = \"x\"\n[dependencies.y]\n"),
              ElementsAre("1 section package", "1 section dependencies.y"));
  EXPECT_THAT(outline_of("unheard-of", "class A { void f() { } }\n"), IsEmpty());
}

TEST(CodeOutline, ADefinitionBeginsWithItsCommentAndEndsWithItsBrace) {
  const string text =
      "int x;\n\n/* Opens\n * it. */\n// Really.\nint open_it(void)\n{\n}\nint y;\n";
  const auto headings = headings_of("c", text);
  ASSERT_EQ(headings.size(), 1U);
  EXPECT_EQ(headings[0].byte_start, text.find("/* Opens"));
  EXPECT_EQ(headings[0].byte_end, text.find("int y"));
  const string python = "x = 1\n\n# Opens it.\n@cached\ndef f():\n    pass\n\ny = 2\n";
  const auto functions = headings_of("python", python);
  ASSERT_EQ(functions.size(), 1U);
  EXPECT_EQ(functions[0].byte_start, python.find("# Opens"));
  EXPECT_EQ(functions[0].byte_end, python.find("y = 2"));
}

TEST(CodeOutline, SurvivesWhatIsNoCode) {
  for (const char* type : {"c", "cpp", "java", "javascript", "go", "rust", "python", "ruby", "make",
                           "sql", "lisp", "erlang", "r", "toml"}) {
    for (const string& text : {string(),
                               string("{"),
                               string("}"),
                               string("}}}}{{{{"),
                               string("\"\\"),
                               string("/*"),
                               string("'"),
                               string("R\"("),
                               string("#"),
                               string("#define"),
                               string("operator"),
                               string("template<"),
                               string("class"),
                               string("(((("),
                               string("]]]]"),
                               string("def"),
                               string(300, '{'),
                               string(5000, '('),
                               string("f(\0){}", 6),
                               string("\xFF\xFE{\xC3"),
                               string("class class class {"),
                               string("impl<"),
                               string("a::::b(){"),
                               string("~(){"),
                               string("typedef struct {} ;"),
                               string("typedef struct {} x"),
                               string("x = [] = {")}) {
      for (const Heading& heading : headings_of(type, text)) {
        EXPECT_LE(heading.byte_start, text.size());
        EXPECT_LE(heading.byte_end, text.size());
        EXPECT_FALSE(heading.text.empty());
      }
    }
  }
}

std::string repeated(const std::string& unit, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += unit;
  return text;
}

TEST(CodeOutline, NamesOfAnyLengthAreCutAtACharacter) {
  const string name = repeated("\xC3\xBF", 400);
  for (const auto& [type, text] :
       std::vector<std::pair<const char*, string>>{{"javascript", "const " + name + " = {"},
                                                   {"go", "type " + name + " struct {"},
                                                   {"c", "typedef struct {} " + name + ";"},
                                                   {"python", "def " + name + "():\n  pass\n"},
                                                   {"ini", "[" + name + "]\na=b\n"}}) {
    const std::vector<Heading> headings = headings_of(type, text);
    ASSERT_EQ(headings.size(), 1U) << type;
    EXPECT_LE(headings[0].text.size(), 200U);
    EXPECT_GT(headings[0].text.size(), 190U);
    EXPECT_TRUE(is_valid_utf8(headings[0].text));
  }
}

TEST(CodeOutline, NamesMayHoldAnyLetters) {
  EXPECT_THAT(outline_of("cpp", "class Stra\u00DFe\u00FF {\n  void gr\u00FC\u00DF() {}\n};\n"),
              ElementsAre("1 class Stra\u00DFe\u00FF", "2 method gr\u00FC\u00DF"));
  const std::vector<string> functions = outline_of("c", "int " + repeated("a\u00FF", 99) + "() {}");
  EXPECT_THAT(functions, ElementsAre("1 function " + repeated("a\u00FF", 40)));
}

// Each of these took minutes when the time was quadratic.
TEST(CodeOutline, TakesTimeLinearInHostileText) {
  constexpr std::size_t kTimes = 400'000;
  EXPECT_THAT(outline_of("c", repeated("{", kTimes)), IsEmpty());
  EXPECT_THAT(outline_of("c", repeated(" {\n", kTimes) + repeated("}\n", kTimes)), IsEmpty());
  EXPECT_THAT(outline_of("c", repeated("#if\n", kTimes) + repeated("{}", kTimes)), IsEmpty());
  EXPECT_THAT(outline_of("javascript", repeated("=/[", kTimes / 4)), IsEmpty());
}

TEST(CommentsAndStrings, AreFoundInEachFamily) {
  const auto spans = [](const char* type, const string& text) {
    std::vector<string> out;
    for (const CodeSpan& span : comments_and_strings(text, code_syntax(type))) {
      out.push_back(text.substr(span.start, span.end - span.start));
    }
    return out;
  };
  EXPECT_THAT(spans("c", "a = \"x\\\"y\"; // c\nb = '\"'; /* d\ne */ f"),
              ElementsAre("\"x\\\"y\"", "// c", "'\"'", "/* d\ne */"));
  EXPECT_THAT(spans("cpp", "auto a = R\"x(\"/* )x\"; 1'000"), ElementsAre("\"x(\"/* )x\""));
  EXPECT_THAT(spans("rust", "fn f<'a>(x: &'a str) { '\\'' /* a /* b */ c */ }"),
              ElementsAre("'\\''", "/* a /* b */ c */"));
  EXPECT_THAT(spans("python", "'''a\n'b'''  # c\nx = 'd' \"e\""),
              ElementsAre("'''a\n'b'''", "# c", "'d'", "\"e\""));
  EXPECT_THAT(spans("shell", "echo ${#x} 'a # b' # c"), ElementsAre("'a # b'", "# c"));
  EXPECT_THAT(spans("javascript", "a = /\"x\\//.test(b) + `c\n${d}`; e / f / g; // h"),
              ElementsAre("/\"x\\//", "`c\n${d}`", "// h"));
  EXPECT_THAT(spans("sql", "select 'it''s' -- no"), ElementsAre("'it'", "'s'", "-- no"));
  EXPECT_THAT(spans("haskell", "f x' = 'c' {- a {- b -} -} -- d"),
              ElementsAre("'c'", "{- a {- b -} -}", "-- d"));
  EXPECT_THAT(spans("c", "x = \"open\ny = 1; /* open"), ElementsAre("\"open", "/* open"));
}

}  // namespace
}  // namespace callslip
