#include "tools/prompts.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "index/hash.h"
#include "tools/prompt_texts.h"

namespace callslip {
namespace {

/// A file of tools/prompts/: its first line is its version.
struct Prompt {
  std::string_view version;
  std::string_view text;
};

Prompt prompt_named(std::string_view name) {
  for (const auto& [known, file] : prompt_texts) {
    if (known != name) continue;
    const std::size_t line = file.find('\n');
    return {file.substr(0, line), file.substr(line + 1)};
  }
  return {};
}

using Values = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// The text with each {{name}} replaced. What is put in is not looked at again.
std::string filled(std::string_view text, const Values& values) {
  std::string result;
  std::size_t bytes = text.size();
  for (const auto& value : values) bytes += value.second.size();
  result.reserve(bytes);
  for (;;) {
    const std::size_t open = text.find("{{");
    const std::size_t close = open == std::string_view::npos ? open : text.find("}}", open);
    if (close == std::string_view::npos) break;
    result.append(text.substr(0, open));
    const std::string_view name = text.substr(open + 2, close - open - 2);
    for (const auto& [known, value] : values) {
      if (known == name) result.append(value);
    }
    text.remove_prefix(close + 2);
  }
  result.append(text);
  return result;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Whether an opening or closing tag of this name begins anywhere, as a model might read it.
bool holds_tag(std::string_view text, std::string_view tag) {
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const std::size_t start = std::min(text.find_first_not_of(" \t\r\n/", at + 1), text.size());
    const std::string_view name = text.substr(start, tag.size());
    if (std::equal(name.begin(), name.end(), tag.begin(), tag.end(),
                   [](char a, char b) { return lower(a) == b; })) {
      return true;
    }
  }
  return false;
}

bool holds_tag(const Passage& passage, std::string_view tag) {
  const auto holds = [tag](const std::string& text) { return holds_tag(text, tag); };
  return holds(passage.text) || holds(passage.document) || holds(passage.title) ||
         holds(passage.chunk_id) ||
         std::any_of(passage.headings.begin(), passage.headings.end(), holds);
}

/// A tag that no text holds, so that none can end its own block or begin another.
std::string unused_tag(const std::string& name, std::span<const Passage> passages) {
  std::string tag = name;
  for (int number = 2;; ++number) {
    const bool used = std::any_of(passages.begin(), passages.end(),
                                  [&tag](const Passage& p) { return holds_tag(p, tag); });
    if (!used) return tag;
    tag = name + "-" + std::to_string(number);
  }
}

/// Names and titles come from documents, too: they stay on their line.
std::string on_one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

void add_line(std::string& prompt, std::string_view name, const std::string& value) {
  if (!value.empty()) prompt.append(name).append(on_one_line(value)).append("\n");
}

void add_block(std::string& prompt, const std::string& tag, const std::string& id,
               const std::string& text) {
  prompt.append("<").append(tag).append(" id=\"").append(id).append("\">\n").append(text);
  if (text.empty() || text.back() != '\n') prompt += "\n";
  prompt.append("</").append(tag).append(">\n");
}

std::string joined(std::span<const std::string> items, std::string_view separator) {
  std::string text;
  for (const std::string& item : items) text.append(text.empty() ? "" : separator).append(item);
  return text;
}

}  // namespace

std::string read_prompt_version() {
  const Prompt prompt = prompt_named("read");
  return std::string(prompt.version) + " " + hex64(hash64(prompt.text));
}

std::string read_prompt(const std::string& question, std::span<const Passage> passages) {
  constexpr std::string_view place = "{{passages}}";
  const std::string_view text = prompt_named("read").text;
  const std::size_t at = text.find(place);
  // The passages go straight to where they belong: they are nearly all of the prompt.
  std::string prompt = filled(text.substr(0, at), {{"question", question}});
  std::size_t bytes = prompt.size() + text.size();
  for (const Passage& passage : passages) bytes += passage.text.size() + passage_overhead(passage);
  prompt.reserve(bytes);
  const std::string tag = unused_tag("passage", passages);
  const std::string* document = nullptr;
  for (std::size_t i = 0; i < passages.size(); ++i) {
    const Passage& passage = passages[i];
    if (document == nullptr || *document != passage.document) {
      add_line(prompt, "Document: ", passage.document);
      add_line(prompt, "Title: ", passage.title);
    }
    document = &passage.document;
    add_line(prompt, "Section: ", joined(passage.headings, " > "));
    add_block(prompt, tag, std::to_string(i + 1), passage.text);
    prompt += "\n";
  }
  prompt += filled(text.substr(at + place.size()), {{"count", std::to_string(passages.size())}});
  return prompt;
}

std::uint64_t read_prompt_overhead(const std::string& question) {
  return prompt_named("read").text.size() + question.size();
}

std::uint64_t passage_overhead(const Passage& passage) {
  std::uint64_t bytes = passage.document.size() + passage.title.size();
  for (const std::string& heading : passage.headings) bytes += heading.size() + 3;
  constexpr std::uint64_t tags_and_labels = 64;
  return bytes + tags_and_labels;
}

std::string answer_prompt(const PreparedQuestion& question, std::span<const Passage> evidence) {
  std::string blocks;
  const std::string tag = unused_tag("evidence", evidence);
  for (const Passage& passage : evidence) {
    blocks += "\n";
    add_line(blocks, "Document: ", passage.document);
    add_line(blocks, "Section: ", joined(passage.headings, " > "));
    add_block(blocks, tag, on_one_line(passage.chunk_id), passage.text);
  }
  std::string instruction;
  add_line(instruction, "How to answer: ", question.instruction);
  return filled(
      prompt_named("answer").text,
      {{"question", question.information}, {"instruction", instruction}, {"evidence", blocks}});
}

std::string prepare_prompt(const std::string& question, std::span<const std::string> languages) {
  return filled(prompt_named("prepare").text,
                {{"question", question}, {"languages", joined(languages, ", ")}});
}

}  // namespace callslip
