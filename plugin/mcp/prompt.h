// Prompt: a text that a user asks for by name and arguments and gives to a model. The prompts of
// the product are the files of plugin/prompts/.
//
// Constant after construction; any thread may call.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "index/result.h"
#include "index/snapshot.h"

namespace callslip {

struct PromptArgument {
  /// What its value is; completed accordingly.
  enum class Kind { text, document, documents, section };
  std::string name;
  std::string description;
  bool required = false;
  Kind kind = Kind::text;
};

/// By name; without those that were not given.
using PromptValues = std::map<std::string, std::string>;

struct Prompt {
  std::string name;
  std::string title;
  std::string description;
  std::vector<PromptArgument> arguments;
  /// `messages` of the protocol. The snapshot is what the caller can see; null: there is none.
  std::function<Result<nlohmann::json>(const PromptValues& values, const Snapshot* snapshot)>
      messages;
};

/// The product's, of plugin/prompts/: those whose tools (by name) are all there.
std::vector<Prompt> make_prompts(const std::vector<std::string>& tools);

/// "a.md, folder/b.md": the names, folders and globs of an argument of kind `documents`. A name may
/// hold a comma.
std::vector<std::string> document_patterns(const Snapshot* snapshot, const std::string& value);

}  // namespace callslip
