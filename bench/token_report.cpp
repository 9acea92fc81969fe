// How far the token estimator is from exact vocabularies:
//
//   token_report --tiktoken FILE [--tiktoken FILE ...] --class NAME=PATH [--class NAME=PATH ...]
//
// A PATH is a file or a folder (with what is below it); a NAME may come several times. Texts are
// cut at line borders into chunks of 300 to 2,000 bytes and at most 512 tokens; what is compared
// with is the larger of the vocabularies' counts. Exits 0 whatever it finds, 2 on bad arguments.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/tokens/token_counter.h"

namespace {

using callslip::TokenCounter;
namespace fs = std::filesystem;

constexpr std::size_t min_chunk_bytes = 300;
constexpr std::size_t max_chunk_bytes = 2000;
constexpr std::size_t max_chunk_tokens = 512;

struct Tally {
  std::size_t chunks = 0;
  std::size_t undercounted = 0;
  std::size_t bytes = 0;
  double overcount = 0;  // sum over chunks of estimate / exact - 1
  double worst = 0;      // largest exact / estimate - 1
  double seconds = 0;

  void add(const Tally& other) {
    chunks += other.chunks;
    undercounted += other.undercounted;
    bytes += other.bytes;
    overcount += other.overcount;
    worst = std::max(worst, other.worst);
    seconds += other.seconds;
  }

  void print(const std::string& name) const {
    if (chunks == 0) return;
    const auto n = static_cast<double>(chunks);
    std::printf("%-16s %8zu %12.2f %12.1f %12.1f %8.0f\n", name.c_str(), chunks,
                1000.0 * static_cast<double>(undercounted) / n, 100.0 * overcount / n,
                100.0 * worst, static_cast<double>(bytes) / 1e6 / std::max(seconds, 1e-9));
  }
};

class Report {
 public:
  bool add_vocabulary(const std::string& path) {
    auto loaded = callslip::load_bpe_tokenizer(path);
    if (!loaded) {
      std::fprintf(stderr, "%s\n", loaded.error().message.c_str());
      return false;
    }
    exact_.push_back(std::move(loaded).value());
    return true;
  }

  bool add_path(const std::string& name, const fs::path& path) {
    if (fs::is_regular_file(path)) {
      add_file(name, path);
      return true;
    }
    if (!fs::is_directory(path)) {
      std::fprintf(stderr, "'%s' is neither a file nor a folder\n", path.c_str());
      return false;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) add_file(name, entry.path());
    }
    return true;
  }

  void print() const {
    std::printf("%-16s %8s %12s %12s %12s %8s\n", "class", "chunks", "under/1000", "over %",
                "worst under%", "MB/s");
    Tally all;
    for (const auto& [name, tally] : tallies_) {
      tally.print(name);
      all.add(tally);
    }
    all.print("(all)");
  }

 private:
  // The end of a chunk that starts at `begin` and may take `size` bytes.
  static std::size_t chunk_end(std::string_view text, std::size_t begin, std::size_t size) {
    if (begin + size >= text.size()) return text.size();
    const std::size_t line = text.rfind('\n', begin + size - 1);
    if (line != std::string_view::npos && line >= begin + min_chunk_bytes) return line + 1;
    std::size_t end = begin + size;
    while (end > begin + 1 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return end;
  }

  void add_file(const std::string& name, const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    Tally& tally = tallies_[name];
    for (std::size_t begin = 0; begin < text.size();) {
      std::size_t size = max_chunk_bytes;
      std::size_t end = chunk_end(text, begin, size);
      std::size_t tokens = exact_count(text, begin, end);
      while (tokens > max_chunk_tokens) {
        size = std::max<std::size_t>(size * 4 / 5, 8);
        end = chunk_end(text, begin, size);
        tokens = exact_count(text, begin, end);
      }
      if (end - begin >= min_chunk_bytes)
        add_chunk({text.data() + begin, end - begin}, tokens, tally);
      begin = end;
    }
    const auto start = std::chrono::steady_clock::now();
    checksum_ += estimator_->count(text);
    tally.seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    tally.bytes += text.size();
  }

  std::size_t exact_count(const std::string& text, std::size_t begin, std::size_t end) const {
    std::size_t largest = 0;
    for (const auto& counter : exact_) {
      largest = std::max(largest, counter->count({text.data() + begin, end - begin}));
    }
    return largest;
  }

  void add_chunk(std::string_view chunk, std::size_t tokens, Tally& tally) const {
    const std::size_t estimate = estimator_->count(chunk);
    const double ratio = static_cast<double>(estimate) / static_cast<double>(tokens);
    ++tally.chunks;
    if (estimate < tokens) ++tally.undercounted;
    tally.overcount += ratio - 1;
    tally.worst = std::max(tally.worst, 1 / ratio - 1);
  }

  std::unique_ptr<TokenCounter> estimator_ = callslip::make_token_estimator();
  std::vector<std::unique_ptr<TokenCounter>> exact_;
  std::map<std::string, Tally> tallies_;
  std::size_t checksum_ = 0;  // keeps the timed calls from being optimised away
};

int usage() {
  std::fprintf(stderr,
               "usage: token_report --tiktoken FILE [--tiktoken FILE ...] --class NAME=PATH ...\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  Report report;
  std::vector<std::pair<std::string, std::string>> paths;
  bool has_vocabulary = false;
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    const std::string value = i + 1 < argc ? argv[i + 1] : "";
    const std::size_t equals = value.find('=');
    if (option == "--tiktoken" && !value.empty()) {
      if (!report.add_vocabulary(value)) return 2;
      has_vocabulary = true;
    } else if (option == "--class" && equals != std::string::npos) {
      paths.emplace_back(value.substr(0, equals), value.substr(equals + 1));
    } else {
      return usage();
    }
  }
  if (!has_vocabulary || paths.empty()) return usage();
  for (const auto& [name, path] : paths) {
    if (!report.add_path(name, path)) return 2;
  }
  report.print();
  return 0;
}
