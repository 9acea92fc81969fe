#include "index/extract/extract_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index/extract/byte_frame.h"

namespace callslip {
namespace {

ParsedDocument sample() {
  ParsedDocument document;
  document.text = "Title\nÄ text.\n";
  document.title = "Title";
  document.type = "pdf";
  document.member = "folder/a.pdf";
  document.lossy = true;
  document.extracted = true;
  document.headings = {{0, 1, "Title"}, {6, 2, "Ä"}};
  document.parts = {{0, PartKind::page, 1, ""}, {6, PartKind::sheet, 2, "Budget"}};
  return document;
}

TEST(ExtractMessage, ADocumentComesThroughAsItIs) {
  const auto document = decode_document(encode_document(sample()));
  ASSERT_TRUE(document);
  EXPECT_EQ(document->text, sample().text);
  EXPECT_EQ(document->title, "Title");
  EXPECT_EQ(document->type, "pdf");
  EXPECT_EQ(document->member, "folder/a.pdf");
  EXPECT_TRUE(document->lossy);
  EXPECT_TRUE(document->extracted);
  ASSERT_EQ(document->headings.size(), 2U);
  EXPECT_EQ(document->headings[1].byte_start, 6U);
  ASSERT_EQ(document->parts.size(), 2U);
  EXPECT_EQ(document->parts[1].kind, PartKind::sheet);
  EXPECT_EQ(document->parts[1].name, "Budget");
}

TEST(ExtractMessage, TakesNoDocumentThatBreaksAPromise) {
  const auto refused = [](auto change) {
    ParsedDocument document = sample();
    change(document);
    return !decode_document(encode_document(document));
  };
  EXPECT_TRUE(refused([](auto& d) { d.text = "\xFF"; }));
  EXPECT_TRUE(refused([](auto& d) { d.text = std::string("a\0b", 3); }));
  EXPECT_TRUE(refused([](auto& d) { d.headings[1].byte_start = 7; })) << "inside a character";
  EXPECT_TRUE(refused([](auto& d) { d.headings[1].byte_start = 1000; }));
  EXPECT_TRUE(refused([](auto& d) { d.headings[0].byte_start = 8; })) << "not in order";
  EXPECT_TRUE(refused([](auto& d) { d.headings[0].level = 0; }));
  EXPECT_TRUE(refused([](auto& d) { d.parts[1].byte_start = 1000; }));
  EXPECT_TRUE(refused([](auto& d) { d.parts[0].number = 0; }));
  EXPECT_TRUE(refused([](auto& d) { d.type = "a type"; }));
  EXPECT_TRUE(refused([](auto& d) { d.type = ""; }));
}

TEST(ExtractMessage, TakesNothingThatIsCutOrLonger) {
  const std::string whole = encode_document(sample());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(decode_document(whole.substr(0, length))) << length;
  }
  EXPECT_FALSE(decode_document(whole + "x"));
}

TEST(ExtractMessage, MakesNoRoomForWhatIsNotThere) {
  ByteWriter out;
  for (int i = 0; i < 6; ++i) out.string(i == 2 ? "pdf" : "");
  out.number(std::uint8_t{0});
  out.number(std::uint8_t{0});
  out.number(std::uint32_t{0xFFFFFFFF});  // headings
  EXPECT_FALSE(decode_document(out.bytes()));
}

TEST(ExtractMessage, FramesHaveBounds) {
  const ExtractLimits limits;
  EXPECT_TRUE(decode_frame_head(encode_frame_head(FrameType::document, 1 << 20), limits));
  EXPECT_FALSE(decode_frame_head(encode_frame_head(FrameType::document, 600U << 20), limits));
  EXPECT_FALSE(decode_frame_head(encode_frame_head(FrameType::done, 1 << 20), limits));
  EXPECT_FALSE(decode_frame_head(std::string("\x09\0\0\0\0", 5), limits));
  EXPECT_FALSE(decode_frame_head("", limits));
}

TEST(ExtractMessage, RequestsAndStatesComeThrough) {
  ExtractRequest request{"a.pdf", {{"one", "two"}, true}, {}, std::string("\0bytes", 6)};
  request.limits.memory_bytes = 77;
  const auto decoded = decode_request(encode_request_head(request) + request.bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->name, "a.pdf");
  EXPECT_THAT(decoded->options.passwords, testing::ElementsAre("one", "two"));
  EXPECT_TRUE(decoded->options.ocr);
  EXPECT_EQ(decoded->limits.memory_bytes, 77U);
  EXPECT_EQ(decoded->bytes, request.bytes);

  EXPECT_TRUE(decode_status(encode_status({}))->ok());
  const auto failed =
      decode_status(encode_status(Error{ErrorKind::unsupported, "two\nlines \xFF"}));
  ASSERT_TRUE(failed && !failed->ok());
  EXPECT_EQ(failed->error().message, "two lines \xEF\xBF\xBD");
  EXPECT_EQ(decode_step(encode_step({7, "a/b"}))->name, "a/b");
}

TEST(ExtractMessage, MembersStayInTheirArchive) {
  EXPECT_EQ(clean_member_path("../../etc/passwd"), "etc/passwd");
  EXPECT_EQ(clean_member_path("/absolute//path/./x"), "absolute/path/x");
  EXPECT_EQ(clean_member_path("C:\\Users\\a.txt"), "C:/Users/a.txt");
  EXPECT_EQ(clean_member_path("a\nb\x7F"), "ab");
  EXPECT_EQ(clean_member_path("\xFF.txt"), "\xEF\xBF\xBD.txt");
  EXPECT_EQ(clean_member_path(".."), "");
  EXPECT_LE(clean_member_path(std::string(10'000, 'a')).size(), 4096U);
  ParsedDocument document = sample();
  ByteWriter out;
  out.string("text");
  out.string("");
  out.string("pdf");
  out.string("");
  out.string("../../etc/passwd");
  EXPECT_FALSE(decode_document(out.bytes())) << "as it came";
}

}  // namespace
}  // namespace callslip
