#include "index/files/ignore_rules.h"

namespace callslip {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Spaces at the end count only when escaped; other white space always counts.
std::string_view without_trailing_spaces(std::string_view line) {
  std::size_t keep = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      if (i + 1 == line.size()) return line;
      ++i;
      keep = i + 1;
    } else if (line[i] != ' ') {
      keep = i + 1;
    }
  }
  return line.substr(0, keep);
}

std::string_view base_name_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

IgnoreRules IgnoreRules::parse(std::string_view text, std::string source) {
  IgnoreRules rules;
  rules.source_ = std::move(source);
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (line.starts_with('#')) continue;
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = line.substr(0, line.find('\0'));  // where git stops reading
    rules.add_line(without_trailing_spaces(line), number);
  }
  return rules;
}

void IgnoreRules::add_line(std::string_view line, std::size_t number) {
  const std::string_view text = line;
  const bool negated = line.starts_with('!');
  if (negated) line.remove_prefix(1);
  const bool directories_only = line.ends_with('/');
  if (directories_only) line.remove_suffix(1);
  const bool base_name = line.find('/') == std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  if (line.empty()) return;
  rules_.push_back({.text = std::string(text),
                    .line = number,
                    .negated = negated,
                    .directories_only = directories_only,
                    .base_name = base_name,
                    .glob = Glob::ignore_rule(line)});
}

const IgnoreRule* IgnoreRules::match(std::string_view relative, bool directory) const {
  const std::string_view name = base_name_of(relative);
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (rule->directories_only && !directory) continue;
    if (rule->glob.matches(rule->base_name ? name : relative)) return &*rule;
  }
  return nullptr;
}

void IgnoreStack::push(std::size_t base, IgnoreRules rules) {
  entries_.push_back({.base = base, .barrier = false, .rules = std::move(rules)});
}

void IgnoreStack::push_barrier() { entries_.push_back({.base = 0, .barrier = true, .rules = {}}); }

void IgnoreStack::shrink(std::size_t size) {
  while (entries_.size() > size) entries_.pop_back();
}

IgnoreStack::Verdict IgnoreStack::match(std::string_view path, bool directory) const {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->barrier) break;
    const IgnoreRule* rule = entry->rules.match(path.substr(entry->base), directory);
    if (rule != nullptr) return {.rule = rule, .rules = &entry->rules};
  }
  return {};
}

}  // namespace callslip
