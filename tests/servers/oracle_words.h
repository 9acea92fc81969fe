// How models put what they found: the same verdicts in each Style.
//
// Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/servers/oracle_knobs.h"

namespace callslip::oracle {

/// A passage's id and the sentences to say of it.
struct Verdict {
  std::string id;  // "" where passages have none
  std::vector<std::string> sentences;
};

struct Words {
  std::string content;
  std::string reasoning;  // "": the reply has no such field
};

/// Keyed by id in the styles that are JSON, where all passages have ids; else lines.
Words put(const std::vector<Verdict>& verdicts, Style style, bool as_lines);

/// The text with the style's thinking in front, if it has any.
Words with_thoughts(std::string text, Style style);

/// What no reader can take for a quote or a "None".
std::string nonsense();

void append_json_string(std::string& out, std::string_view text);

}  // namespace callslip::oracle
