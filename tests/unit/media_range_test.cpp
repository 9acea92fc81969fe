#include "plugin/http/media_range.h"

#include <gtest/gtest.h>

namespace callslip {
namespace {

TEST(MediaRangeTest, AcceptTakesNamesRangesAndWeights) {
  const char* both = "application/json, text/event-stream";
  EXPECT_TRUE(accepts(both, "application/json"));
  EXPECT_TRUE(accepts(both, "text/event-stream"));
  EXPECT_TRUE(accepts("*/*", "text/event-stream"));
  EXPECT_TRUE(accepts("text/*;q=0.5", "text/event-stream"));
  EXPECT_TRUE(accepts("APPLICATION/JSON ; charset=utf-8", "application/json"));
  EXPECT_FALSE(accepts("application/json", "text/event-stream"));
  EXPECT_FALSE(accepts("text/html", "application/json"));
  EXPECT_FALSE(accepts("application/*", "text/event-stream"));
}

TEST(MediaRangeTest, AWeightOfZeroRefusesAndANameOutweighsARange) {
  EXPECT_FALSE(accepts("text/event-stream;q=0, */*", "text/event-stream"));
  EXPECT_FALSE(accepts("*/*, text/event-stream; q=0.000", "text/event-stream"));
  EXPECT_TRUE(accepts("*/*;q=0, application/json;q=0.1", "application/json"));
}

TEST(MediaRangeTest, BrokenHeadersAreReadAsFarAsTheyGo) {
  for (const char* text : {"", ",", ";", "q=0", "/", "*/", ", ,application/json", "a;;;q="}) {
    accepts(text, "application/json");
    is_json_type(text);
  }
  EXPECT_TRUE(accepts(", ,application/json", "application/json"));
}

TEST(MediaRangeTest, JsonIsUtf8) {
  EXPECT_TRUE(is_json_type("application/json"));
  EXPECT_TRUE(is_json_type("Application/JSON; charset=UTF-8"));
  EXPECT_TRUE(is_json_type("application/json; charset=\"utf-8\""));
  EXPECT_FALSE(is_json_type("application/json; charset=iso-8859-1"));
  EXPECT_FALSE(is_json_type("text/plain"));
  EXPECT_FALSE(is_json_type("application/json-patch+json"));
}

}  // namespace
}  // namespace callslip
