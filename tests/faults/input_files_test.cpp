// Files as they come: missing, unreadable, empty, huge, broken, linked in circles, oddly named.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>

#include "index/index.h"
#include "tests/support/callslip_binary.h"

namespace callslip::testing_support {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Whether the chunks of every document tile its text, and how much text there is.
std::uint64_t expect_tiled(const std::string& directory) {
  Index index(directory);
  const auto opened = index.snapshot();
  EXPECT_TRUE(opened.ok());
  if (!opened) return 0;
  const Snapshot& snapshot = **opened;
  std::uint64_t total = 0;
  for (const DocumentNumber document : snapshot.documents_by_name()) {
    std::uint64_t end = 0;
    const ChunkRange range = snapshot.chunks_of(document);
    for (ChunkNumber chunk = range.first; chunk < range.last; ++chunk) {
      const ChunkRow& row = snapshot.chunk(chunk);
      EXPECT_EQ(row.byte_start, end) << snapshot.name(document);
      EXPECT_LE(row.tokens, snapshot.manifest().chunk_tokens) << snapshot.name(document);
      end = row.byte_start + row.bytes;
      if (::testing::Test::HasFailure()) return total;
    }
    total += end;
  }
  return total;
}

std::string stored_text(const std::string& directory, const std::string& name) {
  Index index(directory);
  const auto snapshot = index.snapshot();
  if (!snapshot) return "(no index)";
  for (const DocumentNumber document : (*snapshot)->documents_by_name()) {
    if ((*snapshot)->name(document) != name) continue;
    std::string all;
    const ChunkRange range = (*snapshot)->chunks_of(document);
    for (ChunkNumber chunk = range.first; chunk < range.last; ++chunk) {
      auto text = (*snapshot)->chunk_text(chunk);
      all += text ? *text : "(" + text.error().message + ")";
    }
    return all;
  }
  return "(no such document)";
}

TEST(InputFileFault, AMissingPathIsWarnedAboutAndTheOthersAreIndexed) {
  const Shelf shelf;
  shelf.write("a.md", "a heron\n");
  const Outcome outcome = shelf.run({"index", shelf / "missing", shelf.root()});
  EXPECT_TRUE(exited(outcome, 0));
  EXPECT_THAT(outcome.err, HasSubstr(shelf / "missing"));
  EXPECT_THAT(outcome.err, HasSubstr("No such file"));
  EXPECT_EQ(Counts(outcome).warnings, 1);
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.md"));
  EXPECT_TRUE(exited(shelf.run({"index", shelf / "missing", shelf.root(), "--strict"}), 1));
}

TEST(InputFileFault, OnlyMissingPathsAreAnError) {
  const Shelf shelf;
  shelf.write("a.md", "a heron\n");
  const std::string missing = shelf / "missing";
  const Outcome outcome = shelf.run({"index", missing});
  EXPECT_TRUE(exited(outcome, 1));
  EXPECT_THAT(outcome.err, HasSubstr("warning: " + missing + ": No such file or directory\n"));
  EXPECT_THAT(outcome.err, HasSubstr("nothing was indexed"));
  shelf.refresh();
  std::filesystem::rename(shelf.root(), shelf / "elsewhere");
  const Outcome known = shelf.run({"index", shelf.root()});
  EXPECT_TRUE(exited(known, 0));
  EXPECT_THAT(known.err, HasSubstr(shelf.root() + ": No such file or directory; what is indexed"));
}

TEST(InputFileFault, AnUnreadableFileIsNamedAndTheOthersAreIndexed) {
  const Shelf shelf;
  shelf.write("a.md", "a heron\n");
  std::filesystem::permissions(shelf.write("secret.md"), std::filesystem::perms::none);
  shelf.write("closed/inner.md");
  std::filesystem::permissions(shelf / "docs/closed", std::filesystem::perms::none);
  std::filesystem::permissions(shelf.scratch().path(), std::filesystem::perms(0777));
  ProcessOptions nobody;
  nobody.as_nobody = ::geteuid() == 0;
  const Outcome outcome = shelf.run({"index", shelf.root()}, nobody);
  EXPECT_TRUE(exited(outcome, 0));
  EXPECT_THAT(outcome.err, HasSubstr("docs/secret.md"));
  EXPECT_THAT(outcome.err, HasSubstr("docs/closed"));
  EXPECT_THAT(outcome.err, HasSubstr("Permission denied"));
  EXPECT_EQ(Counts(outcome).skipped, 2);
  EXPECT_EQ(Counts(outcome).indexed, 1);
  EXPECT_TRUE(exited(shelf.run({"index", shelf.root(), "--strict"}, nobody), 1));
  // What could be read once and cannot now is kept.
  std::filesystem::permissions(shelf / "docs/a.md", std::filesystem::perms::none);
  shelf.write("b.md", "another heron\n");
  EXPECT_TRUE(exited(shelf.run({"index", shelf.root()}, nobody), 0));
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.md", "docs/b.md"));
  // And what can be read at last is indexed.
  for (const char* name : {"docs/a.md", "docs/secret.md", "docs/closed"}) {
    std::filesystem::permissions(shelf / name, std::filesystem::perms(0755));
  }
  EXPECT_TRUE(exited(shelf.run({"index", shelf.root()}, nobody), 0));
  EXPECT_THAT(shelf.names(),
              ElementsAre("docs/a.md", "docs/b.md", "docs/closed/inner.md", "docs/secret.md"));
}

TEST(InputFileFault, AnEmptyFileIsNoFault) {
  const Shelf shelf;
  shelf.write("empty.md", "");
  shelf.write("empty.jsonl", "");
  shelf.write("empty.html", "");
  shelf.write("blank.txt", "\n\n \t\n");
  shelf.write("a.md", "a heron\n");
  EXPECT_TRUE(exited(shelf.run({"index", shelf.root(), "--strict"}), 0));
  EXPECT_THAT(shelf.found("heron"), ElementsAre("docs/a.md"));
  EXPECT_EQ(stored_text(shelf.index(), "docs/blank.txt"), "\n\n \t\n");
  EXPECT_EQ(Counts(shelf.refresh()).unchanged, 5);
  const Shelf nothing;
  EXPECT_TRUE(exited(nothing.run({"index", nothing.root()}), 0));
  EXPECT_THAT(nothing.names(), IsEmpty());
  EXPECT_TRUE(exited(nothing.run({"search", "heron"}), 0));
  EXPECT_TRUE(exited(nothing.run({"read", "where is the heron?"}), 0));
}

TEST(InputFileFault, HundredMegabytesWithoutALineEndAreIndexed) {
  const Shelf shelf;
  const std::size_t size = 100U << 20;
  {
    std::string line;
    line.reserve(size + 64);
    unsigned state = 1;
    while (line.size() < size) {
      state = state * 1664525U + 1013904223U;
      line += "word" + std::to_string((state >> 16) % 5000) + " ";
      if ((state >> 8) % 50 == 0) line += std::string(200, 'x');
    }
    line.resize(size - 8);
    line += " kestrel";
    shelf.write("line.txt", line);
  }
  const Outcome outcome = shelf.refresh();
  EXPECT_EQ(Counts(outcome).indexed, 1) << outcome.describe();
#ifndef CALLSLIP_SANITIZED
  EXPECT_LT(outcome.max_rss_kb, 900 * 1024);
#endif
  EXPECT_EQ(expect_tiled(shelf.index()), size);
  const Outcome search = shelf.run({"search", "kestrel", "--json"});
  EXPECT_TRUE(exited(search, 0));
  EXPECT_THAT(search.out, HasSubstr("kestrel"));
#ifndef CALLSLIP_SANITIZED
  EXPECT_LT(search.max_rss_kb, 900 * 1024);
#endif
}

TEST(InputFileFault, ALineOfOneWordIsCutAndTiled) {
  const Shelf shelf;
  shelf.write("word.txt", std::string(2U << 20, 'a'));
  std::string marks;
  while (marks.size() < 300'000) marks += "e\xCC\x81\xCC\x82\xCC\x83";  // marks upon marks
  shelf.write("marks.txt", marks);
  shelf.write("spaces.txt", std::string(1U << 20, ' '));
  shelf.write("quotes.txt", std::string(500'000, '"'));
  shelf.write("brackets.cpp", std::string(500'000, '{'));
  shelf.write("hashes.md", std::string(500'000, '#'));
  shelf.write("nested.md", std::string(200'000, '>'));
  shelf.write("stars.md", std::string(300'000, '*'));
  shelf.write("links.md", std::string(300'000, '['));
  std::string divs;
  for (int i = 0; i < 100'000; ++i) divs += "<div>";
  shelf.write("deep.html", divs);
  EXPECT_TRUE(exited(shelf.run({"index", shelf.root()}), 0));
  expect_tiled(shelf.index());
  EXPECT_EQ(stored_text(shelf.index(), "docs/marks.txt"), marks);
}

TEST(InputFileFault, InvalidUtf8IsIndexedAndMarked) {
  const Shelf shelf;
  // UTF-8 for the most part: else it would be taken for a text in a legacy encoding.
  std::string bytes = "Αθήνα, Київ, Łódź: the heron stands in the reeds, and here: ";
  bytes += "\xC3\x28 \xA0\xA1 \xE2\x28\xA1 \xF0\x28\x8C\xBC \xF8\xA1\xA1\xA1\xA1 \xED\xA0\x80 \xFF";
  bytes += " after it the river runs on for a long while, in words of ASCII.\n";
  shelf.write("broken.txt", bytes);
  shelf.write("broken.md", "# Title \xFF\n\n" + bytes);
  shelf.write("broken.cpp", "// " + bytes + "int f();\n");
  shelf.write("broken.html", "<p>" + bytes + "</p>");
  EXPECT_TRUE(exited(shelf.run({"index", shelf.root()}), 0));
  EXPECT_THAT(shelf.found("heron reeds"), ElementsAre("docs/broken.cpp", "docs/broken.html",
                                                      "docs/broken.md", "docs/broken.txt"));
  expect_tiled(shelf.index());
  const auto listed = shelf.ask({"list"});
  for (const auto& document : listed.at("documents")) {
    EXPECT_TRUE(document.at("lossy")) << document.dump();
  }
}

TEST(InputFileFault, NulsAreSkippedAsBinaryOrKept) {
  const Shelf shelf;
  shelf.write("binary.bin", std::string(5000, '\0'));
  shelf.write("mixed.txt", std::string("a heron\0 in the reeds\n", 22) + std::string(3000, 'x'));
  shelf.write("nul.jsonl", std::string("{\"_id\":\"1\",\"text\":\"hern\0\"}\n", 27));
  shelf.write("a.md", "plain heron\n");
  const Outcome outcome = shelf.run({"index", shelf.root()});
  EXPECT_TRUE(exited(outcome, 0));
  EXPECT_THAT(outcome.err, HasSubstr("docs/binary.bin"));
  expect_tiled(shelf.index());
  EXPECT_THAT(shelf.found("plain heron"), ::testing::Contains("docs/a.md"));
  EXPECT_TRUE(exited(shelf.run({"index", shelf.root(), "--strict"}), 1));
}

TEST(InputFileFault, SymbolicLinksMakeNoLoopAndLeadNowhereElse) {
  const Shelf shelf;
  shelf.scratch().write("outside/private.md", "a secret heron\n");
  shelf.write("in/a.md", "a heron\n");
  const std::string docs = shelf.root();
  std::filesystem::create_directory_symlink(docs, docs + "/in/loop");
  std::filesystem::create_directory_symlink("..", docs + "/in/up");
  std::filesystem::create_directory_symlink(shelf / "outside", docs + "/away");
  std::filesystem::create_symlink(shelf / "outside/private.md", docs + "/private.md");
  std::filesystem::create_symlink("self", docs + "/self");
  std::filesystem::create_symlink("nowhere", docs + "/dangling.md");
  EXPECT_TRUE(exited(shelf.run({"index", docs}), 0));
  EXPECT_THAT(shelf.names(), ElementsAre("docs/in/a.md"));
  // A link that is itself given is followed: it was asked for.
  std::filesystem::create_directory_symlink(docs, shelf / "alias");
  EXPECT_TRUE(exited(shelf.run({"index", shelf / "alias"}), 0));
  EXPECT_THAT(shelf.names(), ElementsAre("docs/in/a.md")) << "the same folder, so the same root";
}

TEST(InputFileFault, PipesAndSocketsAreNotOpened) {
  const Shelf shelf;
  shelf.write("a.md", "a heron\n");
  ASSERT_EQ(::mkfifo((shelf / "docs/pipe.md").c_str(), 0666), 0);
  const Outcome outcome = shelf.run({"index", shelf.root()});
  EXPECT_TRUE(exited(outcome, 0));
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.md"));
  const Outcome alone = shelf.run({"index", shelf / "docs/pipe.md"});
  EXPECT_TRUE(ended_by_itself(alone));
}

TEST(InputFileFault, OddNamesAreIndexedAndFound) {
  const Shelf shelf;
  const std::vector<std::string> names{
      "with space.md", "quote\".md",   "apostrophe'.md", "new\nline.md",  "tab\t.md",
      "per%cent.md",   "star*[x]?.md", "-dash.md",       "!bang.md",      "\xE9\xFF.md",
      "日本語.md",     "#hash.md",     "back\\slash.md", "semi;colon.md", "fol der/in\"ner.md"};
  for (const std::string& name : names) shelf.write(name, "a heron by the name\n");
  EXPECT_EQ(Counts(shelf.refresh()).indexed, static_cast<long>(names.size()));
  const auto listed = shelf.names();
  EXPECT_EQ(listed.size(), names.size());
  EXPECT_THAT(listed, ::testing::Contains("docs/with space.md"));
  EXPECT_THAT(listed, ::testing::Contains("docs/new\nline.md"));
  EXPECT_EQ(Counts(shelf.refresh()).unchanged, static_cast<long>(names.size()));
  for (const std::string& name : listed) {
    const auto answer = shelf.ask({"list", "--documents", name});
    ASSERT_TRUE(answer.is_object()) << name;
    bool there = false;
    for (const auto& document : answer.at("documents")) there |= document.at("document") == name;
    EXPECT_TRUE(there) << name << " cannot be named";
  }
  for (const std::string& name : names) shelf.remove(name);
  EXPECT_EQ(Counts(shelf.refresh()).removed, static_cast<long>(names.size()));
  EXPECT_THAT(shelf.names(), IsEmpty());
}

TEST(InputFileFault, AFolderWhoseNameIsNoUtf8IsOneRoot) {
  const Shelf shelf;
  const std::string folder = shelf / "caf\xE9";
  shelf.scratch().write("caf\xE9/a.md", "a heron\n");
  EXPECT_TRUE(exited(shelf.run({"index", folder}), 0));
  const auto first = shelf.names();
  EXPECT_EQ(first.size(), 1U);
  const Outcome again = shelf.run({"index", folder});
  EXPECT_TRUE(exited(again, 0));
  EXPECT_EQ(Counts(again).unchanged, 1) << again.describe();
  EXPECT_EQ(shelf.names(), first);
  EXPECT_TRUE(exited(shelf.run({"status"}), 0));
}

TEST(InputFileFault, AFolderWithALineEndInItsNameIsOneRoot) {
  const Shelf shelf;
  shelf.scratch().write("two\nlines \"x\"/a.md", "a heron\n");
  EXPECT_TRUE(exited(shelf.run({"index", shelf / "two\nlines \"x\""}), 0));
  EXPECT_TRUE(exited(shelf.run({"index", shelf / "two\nlines \"x\""}), 0));
  EXPECT_THAT(shelf.names(), ElementsAre("two\nlines \"x\"/a.md"));
}

TEST(InputFileFault, BadRecordsOfACollectionAreWarnedAboutTheOthersIndexed) {
  const Shelf shelf;
  shelf.write("corpus.jsonl",
              "{\"_id\": \"good\", \"title\": \"Birds\", \"text\": \"a heron\"}\n"
              "not json\n"
              "{\"_id\": \"cut\", \"text\": \"a her\n"
              "[1, 2]\n"
              "{\"text\": \"no id heron\"}\n"
              "{\"_id\": \"no-text\"}\n"
              "{\"_id\": 7, \"text\": \"a numbered heron\"}\n"
              "{\"_id\": \"good\", \"text\": \"the id again\"}\n"
              "\n"
              "{\"id\": \"other\", \"text\": \"one more heron \\ud800\"}\n" +
                  std::string(100'000, '[') +
                  "\n{\"_id\": \"last\", \"text\": \"the last heron\"}");
  const Outcome outcome = shelf.run({"index", shelf.root()});
  EXPECT_TRUE(exited(outcome, 0));
  EXPECT_THAT(outcome.err, HasSubstr("docs/corpus.jsonl"));
  EXPECT_EQ(Counts(outcome).warnings, 1) << outcome.describe();
  const auto names = shelf.names();
  for (const char* id : {"good", "7", "other", "last"}) {
    EXPECT_THAT(names, ::testing::Contains(std::string("docs/corpus.jsonl#") + id));
  }
  EXPECT_TRUE(exited(shelf.run({"index", shelf.root(), "--strict"}), 1));
  const Outcome again = shelf.run({"index", shelf.root()});
  EXPECT_EQ(Counts(again).warnings, 1) << "the warning is remembered: " << again.describe();
  EXPECT_EQ(Counts(again).unchanged, 1);
}

TEST(InputFileFault, AFileThatIsTooLargeIsNamed) {
  const Shelf shelf;
  shelf.write("big.txt", std::string(3000, 'x'));
  shelf.write("a.md", "a heron\n");
  const Outcome outcome = shelf.run({"index", shelf.root(), "--max-file-size", "2K"});
  EXPECT_TRUE(exited(outcome, 0));
  EXPECT_THAT(outcome.err, HasSubstr("docs/big.txt"));
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.md"));
}

TEST(InputFileFault, AFileInPlaceOfTheIndexIsSaid) {
  const Shelf shelf;
  shelf.write("a.md");
  shelf.scratch().write("index", "not a folder");
  for (const char* command : {"index", "search", "list", "status", "read", "remove"}) {
    std::vector<std::string> line{command};
    if (std::string(command) != "status") line.push_back(shelf.root());
    EXPECT_TRUE(refused(shelf.run(line), {shelf.index()})) << command;
  }
}

}  // namespace
}  // namespace callslip::testing_support
