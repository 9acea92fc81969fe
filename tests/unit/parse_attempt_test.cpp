#include "index/extract/parse_attempt.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/scratch_directory.h"

namespace callslip::test {
namespace {

/// Where tesseract's data is looked for during a test.
class TesseractData {
 public:
  TesseractData() {
    if (const char* value = std::getenv("TESSDATA_PREFIX")) before_ = value;
    ::setenv("TESSDATA_PREFIX", folder_.path().c_str(), 1);
  }
  ~TesseractData() {
    before_ ? ::setenv("TESSDATA_PREFIX", before_->c_str(), 1) : ::unsetenv("TESSDATA_PREFIX");
  }
  void install() const { folder_.write("eng.traineddata"); }

 private:
  const ScratchDirectory folder_;
  std::optional<std::string> before_;
};

ParseOptions with_ocr() {
  ParseOptions options;
  options.ocr = true;
  return options;
}

ParseOptions with_passwords(std::vector<std::string> passwords) {
  ParseOptions options;
  options.passwords = std::move(passwords);
  return options;
}

TEST(ParseAttempt, WhatWasReadInFullIsNotTriedAgain) {
  EXPECT_FALSE(worth_another_attempt("", with_passwords({"new"})));
}

TEST(ParseAttempt, ANewPasswordIsWorthOne) {
  const std::string tried = attempt_with(with_passwords({"a", "b"}));
  EXPECT_FALSE(worth_another_attempt(tried, with_passwords({"b"})));
  EXPECT_TRUE(worth_another_attempt(tried, with_passwords({"b", "c"})));
}

TEST(ParseAttempt, OcrIsWorthOneOnce) {
  const TesseractData tesseract;
  tesseract.install();
  EXPECT_TRUE(worth_another_attempt(attempt_with({}), with_ocr()));
  EXPECT_FALSE(worth_another_attempt(attempt_with(with_ocr()), with_ocr()));
  EXPECT_FALSE(worth_another_attempt(attempt_with(with_ocr()), {}));
}

TEST(ParseAttempt, OcrIsWorthAnotherOnceTesseractIsInstalled) {
  const TesseractData tesseract;
  const std::string tried = attempt_with(with_ocr());
  EXPECT_FALSE(worth_another_attempt(tried, with_ocr()));
  tesseract.install();
  EXPECT_TRUE(worth_another_attempt(tried, with_ocr()));
}

}  // namespace
}  // namespace callslip::test
