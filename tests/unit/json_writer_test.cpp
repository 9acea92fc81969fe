#include "plugin/mcp/json_writer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace callslip {
namespace {

using nlohmann::json;

std::string written(const json& value) {
  std::string out;
  write_json(value, out);
  return out;
}

TEST(JsonWriterTest, PrintsWhatTheLibraryPrints) {
  const json value = json::parse(R"({
    "text": "a \"quoted\" \\ line\nand \t\b\f\r and \u0001\u001f\u007f", "empty": "",
    "wide": "fog 雾 туман 🌫", "list": [1, -1, 18446744073709551615, -9223372036854775808, [], {}],
    "numbers": [0.1, 1e300, -2.5, 100.0, 3.0], "flags": [true, false, null],
    "nested": {"a": {"b": {"c": [[[0]]]}}}, "key \"with\" quotes": 1
  })");
  EXPECT_EQ(written(value), value.dump());
  for (const char* text : {"null", "true", "[]", "{}", "\"\"", "0", "1.5"}) {
    EXPECT_EQ(written(json::parse(text)), text);
  }
}

TEST(JsonWriterTest, PrintsAByteOfEachKind) {
  for (int c = 0; c < 0x80; ++c) {
    const json value = std::string("a") + static_cast<char>(c) + "b";
    EXPECT_EQ(written(value), value.dump()) << c;
  }
}

TEST(JsonWriterTest, WhatIsNotUtf8BecomesAReplacementCharacter) {
  const std::string bad[] = {"\x80",
                             "\xC3",
                             "\xC0\xAF",
                             "\xE2\x82",
                             "\xED\xA0\x80",
                             "\xF5\x80\x80\x80",
                             "\xF0\x80\x80\x80",
                             "\xFF"};
  for (const std::string& bytes : bad) {
    const std::string text = written("x" + bytes + "y");
    const json again = json::parse(text, nullptr, false);
    ASSERT_TRUE(again.is_string()) << text;
    const auto back = again.get<std::string>();
    EXPECT_TRUE(back.starts_with("x\xEF\xBF\xBD") && back.ends_with("\xEF\xBF\xBDy")) << back;
  }
}

TEST(JsonWriterTest, AppendsToWhatIsThere) {
  std::string out = "before ";
  write_json(json::array({1}), out);
  EXPECT_EQ(out, "before [1]");
}

}  // namespace
}  // namespace callslip
