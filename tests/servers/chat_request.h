// ChatRequest: what a reader posts to /chat/completions, as far as the oracle looks at it.
//
// A scanner of its own reads it: packs of 30 KB come by thousands in a second, and a JSON library
// that builds a tree would be what a measurement measures.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace callslip::oracle {

/// A marked block of the prompt: `<passage id="3">`, `<evidence id="...">` or `<passage>`, on a
/// line of its own, and all up to its closing tag. The tag may go on, as in `passage-2`.
struct Block {
  std::string id;  // "" where there is none
  std::string_view text;
};

struct ChatRequest {
  /// Throws std::invalid_argument that says what is wrong. The body must outlive it.
  explicit ChatRequest(std::string_view body);
  ChatRequest(const ChatRequest&) = delete;
  ChatRequest& operator=(const ChatRequest&) = delete;

  std::vector<std::string> parameters;  // names at the top level
  std::string_view messages;            // as they were sent
  std::string_view response_format;     // likewise; "" where there is none
  std::string prompt;                   // the texts of all messages, those of the user last
  std::vector<Block> passages;          // of the user's messages
  std::vector<Block> evidence;          // likewise
  std::string rest;                     // of the prompt: what is in no block
  std::size_t max_tokens = 0;           // 0: not given

  bool has(std::string_view parameter) const;
};

}  // namespace callslip::oracle
