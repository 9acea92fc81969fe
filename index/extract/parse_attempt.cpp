#include "index/extract/parse_attempt.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "index/extract/extractor.h"
#include "index/hash.h"

namespace callslip {
namespace {

constexpr std::string_view kPlain = "tried";
constexpr std::string_view kOcr = " ocr";
constexpr std::string_view kNoOcr = " no-tesseract";
constexpr std::string_view kNoHelper = "no helper";

/// Whether tesseract has the data of any language, where Debian and $TESSDATA_PREFIX have it.
bool tesseract_has_data() {
  std::error_code ignored;
  const auto holds_data = [&ignored](const std::filesystem::path& folder) {
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      if (entry.path().extension() == ".traineddata") return true;
    }
    return false;
  };
  if (const char* prefix = std::getenv("TESSDATA_PREFIX")) return holds_data(prefix);
  for (const auto& version :
       std::filesystem::directory_iterator("/usr/share/tesseract-ocr", ignored)) {
    if (holds_data(version.path() / "tessdata")) return true;
  }
  return false;
}

std::string mark_of(const std::string& password) {
  return " " + hex64(hash64("callslip password " + password)).substr(0, 4);
}

}  // namespace

std::string attempt_with(const ParseOptions& options) {
  std::string tried(kPlain);
  if (options.ocr) tried += tesseract_has_data() ? kOcr : kNoOcr;
  for (const std::string& password : options.passwords) tried += mark_of(password);
  return tried;
}

std::string attempt_without_helper() { return std::string(kNoHelper); }

bool worth_another_attempt(std::string_view tried, const ParseOptions& options) {
  if (tried.empty()) return false;
  if (tried == kNoHelper) return Extractor::find_program().ok();
  if (options.ocr && tried.find(kOcr) == std::string_view::npos) {
    return tried.find(kNoOcr) == std::string_view::npos || tesseract_has_data();
  }
  for (const std::string& password : options.passwords) {
    if (tried.find(mark_of(password)) == std::string_view::npos) return true;
  }
  return false;
}

}  // namespace callslip
