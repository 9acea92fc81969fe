#include "index/formats/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

TEST(Parser, ChoosesByNameThenByContent) {
  const struct {
    const char* name;
    const char* bytes;
    const char* type;
  } cases[] = {
      {"a.html", "text", "html"},
      {"A.HTM", "text", "html"},
      {"page", "<!DOCTYPE html><p>x", "html"},
      {"page.txt", "\xEF\xBB\xBF \n<!-- c --><html lang=en><p>x", "html"},
      {"page", "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML\"><html><p>x",
       "html"},
      {"page.xml", "<?xml version='1.0'?><html xmlns='x'><p>x</p></html>", "html"},
      {"page", "<?xml version=\"1.0\"?><rss/>", "text"},
      {"list", "#include <list>\nint x;\n", "text"},
      {"list.cc", "#include <list>\n", "cpp"},
      {"a.md", "<html>\n", "markdown"},
      {"README.md", "<h1 align=center>x</h1>\n", "markdown"},
      {"README", "A <b>bold</b> word, and <html> too\n", "text"},
      {"index.php", "<!DOCTYPE html><?php ?>", "php"},
      {"htmlx", "<htmlx>", "text"},
      {"a.json", "{}", "json"},
      {"a.jsonl", "{}", "json"},
      {"a.rst", "x", "rst"},
      {"noext", "", "text"},
      {"", "x", "text"},
      {".", "x", "text"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(parse_document(c.name, c.bytes).type, c.type) << c.name << ": " << c.bytes;
}

TEST(Parser, KnowsCollections) {
  EXPECT_TRUE(is_collection("corpus.jsonl"));
  EXPECT_TRUE(is_collection("CORPUS.NDJSON"));
  EXPECT_TRUE(is_collection("list.mbox"));
  EXPECT_FALSE(is_collection("corpus.json"));
  EXPECT_FALSE(is_collection(".jsonl"));
  EXPECT_FALSE(is_collection("jsonl"));
}

TEST(Parser, NamesTheReasonForWhatItCannotRead) {
  for (const char* name : {"a.md", "a.html", "a.c", "a.rst", "a.adoc", "a", "a.jsonl"}) {
    const Parsed parsed = parse_file(name, "\x89PNG\r\n\x1A\n");
    ASSERT_FALSE(parsed.status.ok()) << name;
    EXPECT_EQ(parsed.status.error().message, "image (PNG)") << name;
  }
}

TEST(Parser, ServesManyThreads) {
  std::vector<std::thread> threads;
  std::vector<int> good(4);
  for (std::size_t t = 0; t < good.size(); ++t) {
    threads.emplace_back([&good, t] {
      for (int i = 0; i < 20; ++i) {
        for (const char* name : {"a.md", "a.html", "a.c", "a.jsonl", "a"}) {
          const string bytes = "<html># Title caf\xE9</html>\n";
          if (parse_file(name, bytes).documents.size() == 1) ++good[t];
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : good) EXPECT_EQ(count, 100);
}

}  // namespace
}  // namespace callslip
