// libFuzzer target for what callslip-extract says to the server: a process that a hostile file took
// over may write anything. What is accepted must keep every promise of a parser.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "index/extract/extract_message.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::cerr << "broken promise: " << what << '\n';
  std::abort();
}

void check(const ParsedDocument& document) {
  require(is_valid_utf8(document.text), "the text is UTF-8");
  require(document.text.find('\0') == std::string::npos, "the text holds no NUL");
  require(document.extracted, "the text is extracted");
  require(document.skipped.empty() || !document.member.empty(), "what is skipped has a name");
  require(clean_member_path(document.member) == document.member, "members stay inside");
  std::size_t last = 0;
  for (const Heading& heading : document.headings) {
    require(heading.byte_start >= last && heading.byte_start < document.text.size() &&
                is_utf8_boundary(document.text, heading.byte_start),
            "headings are at characters, in order");
    require(heading.level >= 1 && is_valid_utf8(heading.text), "headings are sound");
    last = heading.byte_start;
  }
  last = 0;
  for (const Part& part : document.parts) {
    require(part.byte_start >= last && part.byte_start <= document.text.size() && part.number > 0,
            "parts are in the text, in order");
    last = part.byte_start;
  }
  require(decode_document(encode_document(document)).has_value(), "it can be said again");
}

}  // namespace
}  // namespace callslip

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace callslip;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      if (const auto document = decode_document(bytes)) check(*document);
      break;
    case 1:
      if (const auto status = decode_status(bytes); status && !status->ok()) {
        require(!status->error().message.empty(), "errors say why");
      }
      break;
    case 2:
      if (const auto step = decode_step(bytes)) {
        require(clean_member_path(step->name) == step->name, "members stay inside");
      }
      break;
    case 3:
      static_cast<void>(decode_frame_head(bytes, ExtractLimits{}));
      static_cast<void>(decode_sandbox(bytes));
      break;
    default:
      require(clean_member_path(clean_member_path(bytes)) == clean_member_path(bytes),
              "a clean path is clean");
  }
  return 0;
}
