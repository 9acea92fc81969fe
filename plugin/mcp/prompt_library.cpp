// The prompts of plugin/prompts/. A file begins with lines "title: ...", "description: ...",
// "tools: a, b" and "argument NAME (KIND[, required]): ..."; after an empty line comes the text.
// In it {{NAME}} is an argument; a line "?NAME text" stands only where the argument was given.
#include <algorithm>

#include "plugin/mcp/prompt.h"
#include "plugin/prompt_files.h"
#include "tools/document_filter.h"
#include "tools/document_sections.h"
#include "tools/document_uri.h"
#include "tools/name_completion.h"

namespace callslip {
namespace {

using nlohmann::json;

struct PromptFile {
  Prompt prompt;
  std::vector<std::string> tools;
  std::string_view text;
};

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (const auto part = trimmed(text.substr(0, end)); !part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

PromptArgument::Kind kind_named(std::string_view name) {
  if (name == "document") return PromptArgument::Kind::document;
  if (name == "documents") return PromptArgument::Kind::documents;
  if (name == "section") return PromptArgument::Kind::section;
  return PromptArgument::Kind::text;
}

/// "question (text, required)"
PromptArgument parse_argument(std::string_view head, std::string_view description) {
  const std::size_t open = std::min(head.find(" ("), head.size());
  PromptArgument argument;
  argument.name = head.substr(0, open);
  argument.description = description;
  for (const std::string& word : split(head.substr(std::min(open + 2, head.size())))) {
    const std::string_view bare = std::string_view(word).substr(0, word.find(')'));
    if (bare == "required") {
      argument.required = true;
    } else {
      argument.kind = kind_named(bare);
    }
  }
  return argument;
}

PromptFile parse_file(std::string_view name, std::string_view text) {
  constexpr std::string_view argument = "argument ";
  PromptFile file;
  file.prompt.name = name;
  for (std::string_view line = take_line(text); !line.empty(); line = take_line(text)) {
    const std::size_t colon = std::min(line.find(": "), line.size());
    const std::string_view key = line.substr(0, colon);
    const std::string_view value = line.substr(std::min(colon + 2, line.size()));
    if (key == "title") file.prompt.title = value;
    if (key == "description") file.prompt.description = value;
    if (key == "tools") file.tools = split(value);
    if (key.starts_with(argument)) {
      file.prompt.arguments.push_back(parse_argument(key.substr(argument.size()), value));
    }
  }
  file.text = text;
  return file;
}

/// What is put in is not looked at again.
void add_filled(std::string_view line, const PromptValues& values, std::string& out) {
  for (;;) {
    const std::size_t open = line.find("{{");
    const std::size_t close = open == std::string_view::npos ? open : line.find("}}", open);
    if (close == std::string_view::npos) break;
    out += line.substr(0, open);
    const auto value = values.find(std::string(line.substr(open + 2, close - open - 2)));
    if (value != values.end()) out += value->second;
    line.remove_prefix(close + 2);
  }
  out.append(line).append("\n");
}

std::string filled(std::string_view text, const PromptValues& values) {
  std::string out;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (line.starts_with('?')) {
      const std::size_t space = std::min(line.find(' '), line.size());
      if (!values.contains(std::string(line.substr(1, space - 1)))) continue;
      line.remove_prefix(std::min(space + 1, line.size()));
    }
    add_filled(line, values, out);
  }
  return out;
}

Error invalid(const std::string& argument, const std::string& why) {
  return {ErrorKind::invalid_argument, argument + ": " + why};
}

/// The one document that the value names.
Result<DocumentNumber> one_document(const Snapshot& snapshot, const std::string& argument,
                                    const std::string& value) {
  const auto selected = select_documents(snapshot, {value});
  if (!selected) return invalid(argument, selected.error().message);
  if (selected->documents.size() == 1) return selected->documents[0];
  return invalid(argument, "\"" + value + "\" names " + std::to_string(selected->documents.size()) +
                               " documents; give one, such as \"" +
                               std::string(snapshot.name(selected->documents[0])) + "\"");
}

Status check_section(const Snapshot& snapshot, DocumentNumber document, const std::string& argument,
                     const std::string& value) {
  if (find_section(snapshot, document, value)) return {};
  constexpr std::size_t shown = 10;
  std::string some;
  for (const std::string& key : complete_sections(snapshot, document, "", shown).values) {
    some += (some.empty() ? "" : ", ") + ("\"" + key + "\"");
  }
  return invalid(argument, "\"" + value + "\" is no heading of \"" +
                               std::string(snapshot.name(document)) + "\"; " +
                               (some.empty() ? "it has none" : "its headings begin with " + some));
}

/// Names become what the documents are called; ARGUMENT_json and lists are JSON, to be passed on.
Status look_up(const std::vector<PromptArgument>& arguments, const Snapshot& snapshot,
               PromptValues& values) {
  std::optional<DocumentNumber> document;
  for (const PromptArgument& argument : arguments) {
    const auto value = values.find(argument.name);
    if (value == values.end()) continue;
    if (argument.kind == PromptArgument::Kind::document) {
      const auto found = one_document(snapshot, argument.name, value->second);
      if (!found) return found.error();
      document = *found;
      value->second = snapshot.name(*found);
      values[argument.name + "_json"] = json::array({value->second}).dump();
    } else if (argument.kind == PromptArgument::Kind::documents) {
      const auto patterns = document_patterns(&snapshot, value->second);
      const auto selected = select_documents(snapshot, patterns);
      if (!selected) return invalid(argument.name, selected.error().message);
      value->second = json(patterns).dump();
    } else if (argument.kind == PromptArgument::Kind::section && document) {
      if (Status s = check_section(snapshot, *document, argument.name, value->second); !s) return s;
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> document_patterns(const Snapshot* snapshot, const std::string& value) {
  if (snapshot != nullptr && find_document(*snapshot, value)) return {value};
  return split(value);
}

std::vector<Prompt> make_prompts(const std::vector<std::string>& tools) {
  std::vector<Prompt> prompts;
  for (const auto& [name, contents] : prompt_files) {
    PromptFile file = parse_file(name, contents);
    const bool offered =
        std::all_of(file.tools.begin(), file.tools.end(), [&](const std::string& tool) {
          return std::find(tools.begin(), tools.end(), tool) != tools.end();
        });
    if (!offered) continue;
    file.prompt.messages = [arguments = file.prompt.arguments, text = file.text](
                               PromptValues values, const Snapshot* snapshot) -> Result<json> {
      if (snapshot != nullptr) {
        if (Status s = look_up(arguments, *snapshot, values); !s) return s.error();
      }
      return json::array(
          {{{"role", "user"}, {"content", {{"type", "text"}, {"text", filled(text, values)}}}}});
    };
    prompts.push_back(std::move(file.prompt));
  }
  return prompts;
}

}  // namespace callslip
