#include "index/extract/parse_attempt.h"

#include "index/extract/extractor.h"
#include "index/hash.h"

namespace callslip {
namespace {

constexpr std::string_view kPlain = "tried";
constexpr std::string_view kOcr = " ocr";
constexpr std::string_view kNoHelper = "no helper";

std::string mark_of(const std::string& password) {
  return " " + hex64(hash64("callslip password " + password)).substr(0, 4);
}

}  // namespace

std::string attempt_with(const ParseOptions& options) {
  std::string tried(kPlain);
  if (options.ocr) tried += kOcr;
  for (const std::string& password : options.passwords) tried += mark_of(password);
  return tried;
}

std::string attempt_without_helper() { return std::string(kNoHelper); }

bool worth_another_attempt(std::string_view tried, const ParseOptions& options) {
  if (tried.empty()) return false;
  if (tried == kNoHelper) return Extractor::find_program().ok();
  if (options.ocr && tried.find(kOcr) == std::string_view::npos) return true;
  for (const std::string& password : options.passwords) {
    if (tried.find(mark_of(password)) == std::string_view::npos) return true;
  }
  return false;
}

}  // namespace callslip
