// The token counters: the estimator's laws, and BPE over a vocabulary small enough to follow by
// hand.
#include "index/tokens/token_counter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "index/tokens/bpe_tokenizer.h"

namespace callslip {
namespace {

using Ids = std::vector<std::uint32_t>;

// Pieces of every class that the estimator tells apart, valid and not.
const std::vector<std::string>& fragments() {
  static const std::vector<std::string> all = {
      "word",
      " another",
      "camelCase",
      "HTTPServer",
      "XMLHttp",
      "internationalisation",
      "0",
      "12345678",
      " 3.14",
      " ",
      "     ",
      "\n",
      "\n\n    ",
      "\r\n",
      "\t\t",
      "\x01\x1b[0m",
      "()",
      ";}",
      "------",
      "=====>",
      "_",
      "é",
      "Straße",
      "żółć",
      "ə",
      "e\xCC\x81",
      "Ελληνικά",
      "Привет",
      " МОСКВА",
      "їжак",
      "Հայ",
      "עברית",
      "العربية",
      "हिन्दी",
      "ไทย",
      "Tiếng Việt",
      "“quoted” – ",
      "→∑✓",
      "，。「」",
      "ひらがなカタカナ",
      "汉字漢字龘",
      "한국어",
      "ｆｕｌｌ",
      "\xEE\x80\x80",
      "😀👍🏽",
      "𠀀",
      "\xFF",
      "\xC0\xAF",
      "\xE4",
      "\xE4\xBD",
      "\xA0",
      "\xF0\x9F",
      "\xD0",
      "\x80\x80\x80",
  };
  return all;
}

std::string mixed_text(std::mt19937& random, std::size_t pieces) {
  std::string text;
  for (std::size_t i = 0; i < pieces; ++i) {
    text += fragments()[random() % fragments().size()];
    if (random() % 8 == 0) text += static_cast<char>(random() % 256);
  }
  return text;
}

void expect_subadditive(const TokenCounter& counter, const std::string& text) {
  const std::string_view view = text;
  const std::size_t whole = counter.count(view);
  for (std::size_t at = 0; at <= view.size(); ++at) {
    ASSERT_LE(whole, counter.count(view.substr(0, at)) + counter.count(view.substr(at)))
        << "split at " << at << " of " << testing::PrintToString(text);
  }
}

TEST(TokenEstimator, CountsNothingForNothing) {
  EXPECT_EQ(make_token_estimator()->count(""), 0U);
  EXPECT_EQ(make_token_estimator()->id(), "estimate-1");
}

TEST(TokenEstimator, NeverGainsByJoiningWhereverATextIsSplit) {
  const auto estimator = make_token_estimator();
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    expect_subadditive(*estimator, mixed_text(random, 1 + random() % 12));
  }
}

TEST(TokenEstimator, NeverGainsByJoiningRunsOfTwoBytes) {
  const auto estimator = make_token_estimator();
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      std::string text;
      for (int i = 0; i < 16; ++i)
        text.append(1, static_cast<char>(first)).append(1, static_cast<char>(second));
      const std::string_view view = text;
      ASSERT_LE(estimator->count(view),
                estimator->count(view.substr(0, 15)) + estimator->count(view.substr(15)))
          << first << ' ' << second;
    }
  }
}

TEST(TokenEstimator, HoldsOnLongRuns) {
  const auto estimator = make_token_estimator();
  for (const std::string& fragment : fragments()) {
    std::string text;
    for (int i = 0; i < 20; ++i) text += fragment;
    expect_subadditive(*estimator, text);
  }
}

TEST(TokenEstimator, NeverFallsWhenATextGrowsByteByByte) {
  const auto estimator = make_token_estimator();
  std::mt19937 random(11);
  for (int round = 0; round < 150; ++round) {
    const std::string text = mixed_text(random, 12);
    std::size_t before = 0;
    for (std::size_t length = 1; length <= text.size(); ++length) {
      const std::size_t now = estimator->count(std::string_view(text).substr(0, length));
      ASSERT_GE(now, before) << "length " << length << " of " << testing::PrintToString(text);
      before = now;
    }
  }
}

// The counts are the larger of o200k_base's and Qwen2.5's, told by other implementations.
TEST(TokenEstimator, StaysNearAndAboveKnownCounts) {
  const auto estimator = make_token_estimator();
  const std::vector<std::pair<std::string, std::size_t>> known = {
      {"The committee met on Tuesday to decide whether the library should stay open on Sundays, "
       "and nobody could say who had asked for it.",
       26},
      {"for (size_t i = 0; i < count; ++i) {\n  if (items[i].refs == 0) free_item(&items[i]);\n}\n",
       35},
      {"def read_lines(path):\n    with open(path, encoding='utf-8') as file:\n        return "
       "[line.strip() for line in file if line]\n",
       32},
      {"今年秋天，图书馆把所有的旧报纸都搬到了地下室，读者需要提前一天预约才能看到。", 28},
      {"Осенью библиотека перенесла все старые газеты в подвал, и теперь читателям нужно "
       "записываться заранее.",
       39},
      {"図書館は古い新聞をすべて地下室に移したので、読者は前日までに予約する必要があります。", 30},
      {"Im Herbst hat die Bibliothek alle alten Zeitungen in den Keller gebracht; man muss sie am "
       "Vortag bestellen.",
       28},
      {"id,when,amount\n1041,2023-11-05,129.95\n1042,2023-11-06,7.20\n1043,2023-11-06,1880.00\n",
       74},
      {"{\"name\": \"reader\", \"tags\": [\"a\", \"b\"], \"size\": 4096, \"open\": true}", 29},
      {"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", 59},
  };
  for (const auto& [text, tokens] : known) {
    EXPECT_GE(estimator->count(text), tokens) << text;
    EXPECT_LE(estimator->count(text), tokens * 3 / 2 + 2) << text;
  }
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k <= bytes.size() ? alphabet[bits >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return out;
}

// The 256 bytes with their values as ranks, then `merges` from 256 on.
std::string vocabulary_text(const std::vector<std::string>& merges) {
  std::string file;
  for (int byte = 0; byte < 256; ++byte) {
    file += base64(std::string(1, static_cast<char>(byte))) + ' ' + std::to_string(byte) + '\n';
  }
  for (std::size_t i = 0; i < merges.size(); ++i) {
    file += base64(merges[i]) + ' ' + std::to_string(256 + i) + '\n';
  }
  return file;
}

class BpeTokenizerTest : public testing::Test {
 protected:
  BpeTokenizerTest() {
    std::string name = (std::filesystem::temp_directory_path() / "callslip-bpe-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    path_ = (folder_ / "tiny.tiktoken").string();
  }
  ~BpeTokenizerTest() override { std::filesystem::remove_all(folder_); }

  const std::string& write(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    return path_;
  }

  std::unique_ptr<BpeTokenizer> load(const std::vector<std::string>& merges) {
    auto loaded = BpeTokenizer::load(write(vocabulary_text(merges)));
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return std::move(loaded).value();
  }

  // The message for a file of this content, without its beginning, which names the file.
  std::string load_error(const std::string& content) {
    const auto loaded = load_bpe_tokenizer(write(content));
    if (loaded.ok()) return "loaded";
    const std::string prefix = "tokenizer '" + path_ + "': ";
    EXPECT_EQ(loaded.error().kind, ErrorKind::invalid_argument);
    EXPECT_EQ(loaded.error().message.substr(0, prefix.size()), prefix);
    return loaded.error().message.substr(prefix.size());
  }

  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(BpeTokenizerTest, MergesTheLowestRankFirst) {
  const auto tokenizer = load({"bc", "ab"});
  EXPECT_EQ(tokenizer->encode("ab"), Ids({257}));
  EXPECT_EQ(tokenizer->encode("abcd"), Ids({'a', 256, 'd'}));
}

TEST_F(BpeTokenizerTest, MergesTheLeftmostOfEqualRanks) {
  const auto tokenizer = load({"aa"});
  EXPECT_EQ(tokenizer->encode("aaa"), Ids({256, 'a'}));
  EXPECT_EQ(tokenizer->encode("aaaaa"), Ids({256, 256, 'a'}));
}

TEST_F(BpeTokenizerTest, TakesAPieceThatIsATokenAsItIs) {
  const auto tokenizer = load({"xyz"});  // no merge leads to it
  EXPECT_EQ(tokenizer->encode("xyz"), Ids({256}));
  EXPECT_EQ(tokenizer->encode("xyzz"), Ids({'x', 'y', 'z', 'z'}));
}

TEST_F(BpeTokenizerTest, DoesNotMergeAcrossPieces) {
  const auto tokenizer = load({"a b", " b", "1234"});
  EXPECT_EQ(tokenizer->encode("a b"), Ids({'a', 257}));
  EXPECT_EQ(tokenizer->encode("1234"), Ids({'1', '2', '3', '4'}));  // digits go by three
}

TEST_F(BpeTokenizerTest, AgreesOnLongPiecesWithShortOnes) {
  const auto tokenizer = load({"ab", "ba", "abab", "bb", "aab", "abababab", "bab"});
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    // No merge reaches over a "c": the long piece, merged otherwise, is the sum of the short ones.
    std::string whole;
    Ids expected;
    for (int part = 0; part < 30; ++part) {
      std::string word;
      for (unsigned i = random() % 20; i > 0; --i) word += random() % 2 == 0 ? 'a' : 'b';
      word += 'c';
      const Ids ids = tokenizer->encode(word);
      expected.insert(expected.end(), ids.begin(), ids.end());
      whole += word;
    }
    ASSERT_EQ(tokenizer->encode(whole), expected) << whole;
    ASSERT_EQ(tokenizer->count(whole), expected.size());
  }
}

TEST_F(BpeTokenizerTest, TakesALongPieceWithoutABreak) {
  const auto tokenizer = load({"aa", "aaaa", "aaaaaaaa"});
  EXPECT_EQ(tokenizer->count(std::string(std::size_t{1} << 18U, 'a')), std::size_t{1} << 15U);
}

TEST_F(BpeTokenizerTest, ReadsInvalidBytesAsReplacementCharacters) {
  const auto tokenizer = load({});
  const Ids replacement = {0xEF, 0xBF, 0xBD};
  EXPECT_EQ(tokenizer->encode("\xFF"), replacement);
  EXPECT_EQ(tokenizer->encode("\xE4\xBD"), replacement);  // one for a character that was cut
  EXPECT_EQ(tokenizer->count("a\xFFz\x80"), 8U);
  EXPECT_EQ(tokenizer->count(""), 0U);
}

TEST_F(BpeTokenizerTest, MayBeCalledFromManyThreads) {
  const auto tokenizer = load({"th", "he", "the", " the"});
  std::vector<std::size_t> counts(4);
  std::vector<std::thread> threads;
  for (std::size_t& count : counts) {
    threads.emplace_back([&tokenizer, &count] {
      for (int i = 0; i < 100; ++i) count += tokenizer->count("the other, the thé; 12 the\n");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(counts.begin(), counts.end(), counts.front()), 4);
}

TEST_F(BpeTokenizerTest, IsIdentifiedByItsFile) {
  const std::string id = load({"ab"})->id();
  EXPECT_EQ(id.substr(0, 9), "tiktoken:");
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef", 9), std::string::npos);
  EXPECT_EQ(id.size(), 25U);
  EXPECT_EQ(load({"ab"})->id(), id);
  EXPECT_NE(load({"ba"})->id(), id);
}

TEST_F(BpeTokenizerTest, AcceptsWindowsLineEndsAndEmptyLines) {
  std::string file;
  for (const char c : vocabulary_text({"ab"})) file += c == '\n' ? "\r\n\n" : std::string(1, c);
  EXPECT_TRUE(load_bpe_tokenizer(write(file)).ok());
}

TEST_F(BpeTokenizerTest, SaysWhatIsWrongWithAFile) {
  const std::string expected =
      "expected a token in base64, a space and its rank, as .tiktoken files have";
  EXPECT_EQ(load_error("IQ== 0\nnonsense\n"), "line 2: " + expected);
  EXPECT_EQ(load_error("IQ== x\n"), "line 1: " + expected);
  EXPECT_EQ(load_error("I*== 0\n"), "line 1: " + expected);
  EXPECT_EQ(load_error(" 0\n"), "line 1: " + expected);
  EXPECT_EQ(load_error("IQ== 99999999999\n"), "line 1: " + expected);
  EXPECT_EQ(load_error("IQ== 0\nIQ== 1\n"), "the token of rank 1 is there twice");
  EXPECT_EQ(load_error("IQ== 5\nIg== 5\n"), "rank 5 is there twice");
  const std::string incomplete =
      "no token for the single byte 0; a byte-level vocabulary has all 256, so the file is cut "
      "short or of another kind";
  EXPECT_EQ(load_error("IQ== 0\n"), incomplete);
  EXPECT_EQ(load_error(""), incomplete);
}

TEST_F(BpeTokenizerTest, SaysWhenThereIsNoFile) {
  const auto missing = load_bpe_tokenizer(path_);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_EQ(missing.error().message,
            "tokenizer '" + path_ + "': no such file; give the path of a .tiktoken file");
  const auto folder = load_bpe_tokenizer(folder_.string());
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().message,
            "tokenizer '" + folder_.string() + "': not a file; give the path of a .tiktoken file");
}

}  // namespace
}  // namespace callslip
