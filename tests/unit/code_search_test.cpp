// Code and languages in an index: what is found, and what comes first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index/analyzer.h"
#include "index/code/code_origin.h"
#include "index/search/literal_search.h"
#include "index/search/ranker.h"
#include "tests/support/indexed_folder.h"
#include "tools/list_documents.h"

namespace callslip {
namespace {

using std::string;
using test::IndexedFolder;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

struct Hit {
  string document;
  std::vector<string> headings;
};

std::vector<Hit> search(IndexedFolder& folder, const string& query) {
  const auto snapshot = folder.snapshot();
  std::vector<WeightedTerm> terms;
  for (const QueryTerm& term : query_terms(query, snapshot->languages())) {
    terms.push_back({term.term, static_cast<double>(term.frequency)});
  }
  const auto ranking = rank(*snapshot, terms, snapshot->living(), 20).value();
  std::vector<Hit> hits;
  for (const RankedChunk& found : ranking.top) {
    hits.push_back({string(snapshot->name(snapshot->document_of(found.chunk))),
                    snapshot->heading_path(found.chunk)});
  }
  return hits;
}

string long_function(const string& name, const string& body) {
  string text = "static int " + name + "(struct inode *inode)\n{\n";
  for (int i = 0; i < 40; ++i) {
    text += "\tif (inode->" + body + std::to_string(i) + ")\n\t\tcall_" + body + "(inode, 1);\n";
  }
  return text + "}\n\n";
}

TEST(CodeSearch, ChunksBeginAtDefinitionsAndSayWhichSymbolTheyAreOf) {
  IndexedFolder folder;
  folder.write("fs.c", "#include <a.h>\n\n" + long_function("open_file", "alpha") +
                           long_function("close_file", "beta"));
  folder.refresh();
  const auto snapshot = folder.snapshot();
  bool open = false;
  bool close = false;
  for (ChunkNumber c = 0; c < snapshot->chunk_bound(); ++c) {
    const string text = snapshot->chunk_text(c).value();
    const auto path = snapshot->heading_path(c);
    // No chunk holds the ends of two functions.
    EXPECT_FALSE(text.find("alpha3") != string::npos && text.find("beta3") != string::npos);
    if (text.starts_with("static int close_file")) {
      close = true;
      EXPECT_THAT(path, ElementsAre("function close_file"));
    }
    if (text.find("alpha39") != string::npos) {
      open = true;
      EXPECT_THAT(path, ElementsAre("function open_file"));
    }
  }
  EXPECT_TRUE(open && close);
}

TEST(CodeSearch, CodeBehindAClassIsNotOfTheClass) {
  IndexedFolder folder;
  string text = "class Shelf:\n    def books(self):\n        return 1\n\n";
  for (int i = 0; i < 200; ++i)
    text += "value_" + std::to_string(i) + " = " + std::to_string(i) + "\n";
  folder.write("a.py", text);
  folder.refresh();
  const auto snapshot = folder.snapshot();
  const ChunkNumber last = snapshot->chunk_bound() - 1;
  ASSERT_GT(last, 0U);
  EXPECT_THAT(snapshot->heading_path(last), IsEmpty());
}

TEST(CodeSearch, ADefinitionRanksAboveMentions) {
  IndexedFolder folder;
  folder.write(
      "callers.c",
      "int main(void)\n{\n\treturn frob_widget(1) + frob_widget(2) + frob_widget(3);\n}\n");
  folder.write(
      "widget.c",
      "/* Turns it. */\nint frob_widget(int x)\n{\n\tint y = x;\n\ty += 1;\n\treturn y;\n}\n");
  folder.write("flags.h", "#define WIDGET_FLAG 0x10\nint a;\nint b;\nint c;\nint d;\n");
  folder.write("uses.c", "int f(void) { return WIDGET_FLAG | WIDGET_FLAG; }\n");
  folder.refresh();
  EXPECT_EQ(search(folder, "frob_widget").at(0).document, "docs/widget.c");
  EXPECT_EQ(search(folder, "where is frob widget defined").at(0).document, "docs/widget.c");
  EXPECT_EQ(search(folder, "WIDGET_FLAG").at(0).document, "docs/flags.h");
}

TEST(CodeSearch, ProseOfACodebaseStandsBehindCodeThatSaysNearlyAsMuch) {
  const string prose = "# Guide\n\nReset the frobnicator.\n";
  const string code = "/* Reset the frobnicator. */\nint go(void)\n{\n\treturn 1;\n}\n";
  const auto first = [&](int code_files, int prose_files) {
    IndexedFolder folder;
    folder.write("guide.md", prose);
    folder.write("go.c", code);
    for (int i = 0; i < code_files; ++i) folder.write("c" + std::to_string(i) + ".c", "int a;\n");
    for (int i = 0; i < prose_files; ++i) folder.write("p" + std::to_string(i) + ".md", "A text\n");
    folder.refresh();
    return search(folder, "how is the frobnicator reset").at(0).document;
  };
  EXPECT_EQ(first(2, 40), "docs/guide.md");
  EXPECT_EQ(first(40, 2), "docs/go.c");
}

TEST(CodeSearch, CommentsAreProseAndCodeIsNot) {
  IndexedFolder folder;
  folder.write(
      "a.c",
      "/* Schedules the retries of failed transfers. */\nint go(void) { return indexes; }\n");
  folder.write("b.c", "int other(void) { return 0; }\n");
  folder.refresh();
  EXPECT_EQ(search(folder, "scheduling a retry").size(), 1U);
  EXPECT_EQ(search(folder, "indexes").size(), 1U);
  EXPECT_THAT(search(folder, "indexing"), IsEmpty());
}

TEST(CodeSearch, PathsAreFound) {
  IndexedFolder folder;
  folder.write("fs/ext4/namei.c", "int a;\n");
  folder.write("fs/namei.c", "int a;\n");
  folder.write("notes.md", "See fs/ext4/namei.c, then namei.c and namei.c again.\n");
  folder.refresh();
  EXPECT_EQ(search(folder, "fs/ext4/namei.c").at(0).document, "docs/fs/ext4/namei.c");
  EXPECT_EQ(search(folder, "namei.c").size(), 3U);
}

TEST(CodeSearch, WhatNobodyWroteComesLastAndIsReported) {
  IndexedFolder folder;
  const string body = "int parse_telegram(int x) { return x; }\n";
  folder.write("src/parse.c", body);
  folder.write("vendor/lib/parse.c", body);
  folder.write("src/parse.gen.c", "// Code generated by protoc. DO NOT EDIT.\n" + body);
  folder.write("web/app.min.js", "function parse_telegram(x){return x}");
  folder.write("web/package-lock.json", "{\"name\": \"parse_telegram\"}\n");
  folder.write("src/maker.c", "/* Writes the header of files. */\nchar *h = \"DO NOT EDIT\";\n");
  const IndexSummary summary = folder.refresh();
  EXPECT_EQ(search(folder, "parse_telegram").at(0).document, "docs/src/parse.c");
  EXPECT_THAT(summary.ranked_down,
              ElementsAre(std::pair<const string, std::uint64_t>("generated", 2),
                          std::pair<const string, std::uint64_t>("minified", 1),
                          std::pair<const string, std::uint64_t>("vendored", 1)));
  ListDocumentsRequest request;
  request.documents = {"docs/vendor/"};
  const auto listed = ListDocuments(folder.library()).list(request, {});
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->documents.size(), 1U);
  EXPECT_THAT(listed->documents[0].ranked_down, ElementsAre("vendored"));
}

TEST(CodeSearch, LongLinesAreMinifiedButNotData) {
  ParsedDocument document;
  document.kind = TextKind::code;
  document.type = "javascript";
  document.text = string(5000, 'x') + "\n" + string(5000, 'y');
  EXPECT_EQ(origin_of("a/b.js", document, {}), CodeOrigin::kMinified);
  document.type = "json";
  EXPECT_EQ(origin_of("a/b.json", document, {}), 0U);
  document.type = "javascript";
  document.text = "let x;\n";
  EXPECT_EQ(origin_of("a/node_modules/b.js", document, {}), CodeOrigin::kVendored);
  EXPECT_EQ(origin_of("node_modules/b.js", document, {}), 0U) << "the user chose this folder";
}

TEST(CodeSearch, RecordsOfACollectionMayBeCode) {
  IndexedFolder folder;
  folder.write(
      "functions.jsonl",
      "{\"_id\": \"1\", \"text\": \"def read_shelf(path):\\n    '''Reads shelves.'''\\n    return "
      "open(path)\"}\n"
      "{\"_id\": \"2\", \"text\": \"Shelves are read by defining what def means: nothing.\"}\n"
      "{\"_id\": \"3\", \"text\": \"public int size() {\\n  return this.size;\\n}\"}\n");
  folder.refresh();
  ListDocumentsRequest request;
  const auto listed = ListDocuments(folder.library()).list(request, {});
  ASSERT_TRUE(listed);
  std::vector<string> types;
  for (const ListedDocument& document : listed->documents) types.push_back(document.type);
  EXPECT_THAT(types, ElementsAre("python", "jsonl", "java"));
  EXPECT_EQ(search(folder, "reading a shelf").at(0).document, "docs/functions.jsonl#1");
}

TEST(LanguageSearch, DocumentsOfEachLanguageAreFoundByOtherForms) {
  IndexedFolder folder;
  folder.write("de.md",
               "Die Bibliothekare haben die alten Bücher in den neuen Häusern nicht gefunden, weil "
               "sie mit dem Zug nach Hause gefahren sind.\n");
  folder.write("fr.md",
               "Les bibliothécaires n'ont pas trouvé les vieux livres dans les nouvelles maisons, "
               "parce que les voyageurs sont arrivés avec le train.\n");
  folder.write(
      "ru.md",
      "Библиотекари не нашли старые книги в новых домах, потому что они уехали на поезде.\n");
  folder.write(
      "tr.md",
      "Kütüphaneciler eski kitapları yeni evlerde bulamadılar, çünkü trenle eve dönmüşlerdi ve "
      "bu çok üzücü bir olaydı.\n");
  folder.write(
      "en.md",
      "The librarians have not found the old books in the new houses, because they went home "
      "by train.\n");
  folder.write("hi.md", "लड़कियों ने पुस्तकालय में पुरानी किताबें पढ़ीं और वे घरों को लौट गईं।\n");
  folder.refresh();
  EXPECT_EQ(search(folder, "Buch Haus").at(0).document, "docs/de.md");
  EXPECT_EQ(search(folder, "livre maison trouver").at(0).document, "docs/fr.md");
  EXPECT_EQ(search(folder, "книга дом").at(0).document, "docs/ru.md");
  EXPECT_EQ(search(folder, "kitap ev").at(0).document, "docs/tr.md");
  EXPECT_EQ(search(folder, "librarian book house").at(0).document, "docs/en.md");
  EXPECT_EQ(search(folder, "किताब लड़की").at(0).document, "docs/hi.md");
  // Keywords in several languages at once.
  EXPECT_EQ(search(folder, "book Buch livre книга kitap किताब").size(), 6U);
  ListDocumentsRequest request;
  const auto listed = ListDocuments(folder.library()).list(request, {});
  ASSERT_TRUE(listed);
  std::vector<string> languages;
  for (const ListedDocument& document : listed->documents) languages.push_back(document.language);
  EXPECT_THAT(languages, ElementsAre("de", "en", "fr", "hi", "ru", "tr"));
}

TEST(LanguageSearch, LiteralsAreFoundInEveryLanguageAndInCode) {
  IndexedFolder folder;
  folder.write("de.md",
               "Die Kinder haben mit den Büchern aus der alten Bibliothek nicht gespielt.\n");
  folder.write("en.md",
               "The readers were running with the books of the old library, and they run.\n");
  folder.write("th.md", "นักเรียนอ่านหนังสือ ในห้องสมุดของโรงเรียน ทุกวัน\n");
  folder.write("a.py", "# Plays.\ndef f(x):\n    return running_indexes of runs(x)\n");
  folder.refresh();
  const auto snapshot = folder.snapshot();
  for (const char* literal :
       {"mit den Büchern aus", "were running with the books", "The readers were running with the",
        "and they run", "return running_indexes of runs(x)", "ในห้องสมุดของโรงเรียน",
        "อ่านหนังสือ ในห้องสมุดของโรงเรียน ทุก"}) {
    const auto found = chunks_holding(*snapshot, literal, snapshot->living(), {});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size(), 1U) << literal;
  }
}

}  // namespace
}  // namespace callslip
