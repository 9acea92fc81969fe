// ChatRequest: the JSON that asks a chat model, in the form that this model takes. What it refuses
// (a schema for its reply, max_tokens, temperature) is learned from its errors and left out then.
//
// Self-synchronised: any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

#include "index/result.h"

namespace callslip {

/// Whether what a server says of an error is about the schema that it was sent.
bool names_schema(std::string_view message);

class ChatRequest {
 public:
  /// What a request holds beside the prompt.
  struct Form {
    bool schema = true;   // response_format
    bool options = true;  // max_tokens and temperature
  };

  explicit ChatRequest(std::string model) : model_(std::move(model)) {}

  /// The form that the model takes, as far as is known.
  Form form() const;

  /// `passages`: how many the reply's object has members for; 0: the reply is free text.
  /// `repeated`: the same reply again would be no use.
  std::string body(const std::string& prompt, std::size_t passages,
                   std::size_t max_completion_tokens, bool repeated, const Form& form) const;

  /// Whether `error` refuses a part of this form: then asking again will leave it out.
  bool learn(const Error& error, const Form& form);

 private:
  const std::string model_;
  std::atomic<bool> takes_schema_ = true;
  std::atomic<bool> takes_options_ = true;
};

}  // namespace callslip
