// OracleKnobs: how the oracle behaves, by flag (--error-rate 0.1) and by POST /control
// ({"error_rate": 0.1}).
//
// Rates are shares of the calls, from 0 to 1; which fault a call gets depends on the seed, its
// messages and how often they came, and so is the same in every run, whatever the order.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callslip::oracle {

enum class Style {
  json,          // an object by passage id; lines where the passages have no ids
  json_none,     // the same, with "None" instead of []
  fenced,        // the json between ```json and ```, after an introduction
  thinking,      // the json after <think>...</think>
  reasoning,     // the json, and thoughts in message.reasoning_content
  lines,         // bare sentences, or None
  quoted,        // lines with list marks and quotation marks around them, or "None"
  none_dot,      // lines, or none.
  chinese_none,  // lines, or 无
};

struct OracleKnobs {
  double latency = 0;  // ms before a reply
  double jitter = 0;   // ms at most on top of it

  // Shares of calls.
  double error_rate = 0;  // HTTP 500
  double rate_limit = 0;  // HTTP 429
  double hang = 0;        // no reply, until the client goes
  double truncate = 0;    // a body that is shorter than its Content-Length
  double wrong_json = 0;  // HTTP 200, and half of the JSON
  double nonsense = 0;    // prose that is neither a quote nor None
  double invent = 0;      // a made-up quote beside what is to be said
  double omit = 0;        // some passages are left out of the json
  double trickle = 0;     // a byte every trickle_ms
  double reset = 0;       // a TCP reset in mid-reply

  double trickle_ms = 50;
  double retry_after = -1;  // s, in 429s; below 0: not said
  double window = 0;        // tokens; 0: any number
  double capacity = 0;      // calls in flight; 0: any number
  double context = 0;       // tokens, told by /v1/models (max_model_len) and /props (n_ctx); 0: not
  double seed = 1;

  std::string style = "json";
  std::string window_style = "llama";  // or "openai"
  std::string key;                     // "": none is asked for
  std::string model = "oracle";
  std::string answer;  // to a prompt with evidence; {id} stands for the id of its first
  std::string other;   // to a prompt with neither passages nor evidence
  bool no_response_format = false;
  bool props = false;                    // GET /props, as llama.cpp has it
  std::vector<std::string> unsupported;  // parameters

  Style reply_style() const;

  /// Takes a flag's words or a JSON value; both throw std::invalid_argument that names what is
  /// wrong. Dashes and underscores are the same.
  void set(std::string_view name, const std::string& words);
  void set(std::string_view name, const nlohmann::json& value);

  /// Is there such a flag, and is it one without a value?
  static bool is_switch(std::string_view name);

  nlohmann::json to_json() const;
};

}  // namespace callslip::oracle
