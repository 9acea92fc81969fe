#include "plugin/connect/yaml_edit.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "plugin/connect/entry_merge.h"
#include "plugin/connect/json_text.h"

namespace callslip {
namespace {

using nlohmann::ordered_json;

std::size_t line_start(std::string_view text, std::size_t position) {
  const std::size_t newline =
      position == 0 ? std::string_view::npos : text.rfind('\n', position - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

/// Behind the end of the line that the position is on; a position behind a line end stays.
std::size_t behind_line(std::string_view text, std::size_t position) {
  if (position > 0 && text[position - 1] == '\n') return position;
  const std::size_t newline = text.find('\n', position);
  return newline == std::string_view::npos ? text.size() : newline + 1;
}

/// The lines of a node's text, with what stood before it on its lines taken off.
std::vector<std::string> dedented(std::string_view text, std::size_t begin, std::size_t end,
                                  std::size_t column) {
  std::vector<std::string> lines;
  std::string_view rest = text.substr(begin, end - begin);
  while (!rest.empty()) {
    const std::size_t newline = rest.find('\n');
    std::string line(rest.substr(0, newline));
    rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!lines.empty()) {
      line.erase(0, std::min(column, std::min(line.find_first_not_of(' '), line.size())));
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string indented(const std::vector<std::string>& lines, std::size_t column,
                     const std::string& first_prefix, const std::string& line_end) {
  std::string out;
  for (const std::string& line : lines) {
    const bool first = out.empty();
    std::string prefix = first ? first_prefix : std::string(column, ' ');
    out += (line.empty() ? "" : prefix + line) + line_end;
  }
  return out;
}

/// The lines of one entry, without indentation: of the wanted text, and of what its owner had in
/// the existing one.
std::vector<std::string> entry_lines(std::string_view wanted_text, const YamlNode& wanted,
                                     std::string_view text, const YamlNode* existing) {
  std::vector<std::string> lines;
  const auto take = [&](std::string_view from, const std::pair<YamlNode, YamlNode>& pair) {
    const std::size_t end = std::max(pair.first.end, pair.second.end);
    for (std::string& line :
         dedented(from, pair.first.begin, behind_line(from, end), pair.first.column)) {
      lines.push_back(std::move(line));
    }
  };
  for (const auto& pair : wanted.pairs) take(wanted_text, pair);
  if (existing == nullptr || existing->kind != YamlNode::Kind::mapping) return lines;
  std::optional<std::size_t> before;  // the end of the pair before
  for (const auto& pair : existing->pairs) {
    const std::size_t begin = line_start(text, pair.first.begin);
    if (wanted.find(pair.first.text) == nullptr && !is_connection_key(pair.first.text)) {
      if (before && *before < begin) {  // comments above it
        for (std::string& line : dedented(text, *before, begin, pair.first.column)) {
          lines.push_back(line.substr(std::min(line.find_first_not_of(' '), line.size())));
        }
      }
      take(text, pair);
    }
    before = behind_line(text, std::max(pair.first.end, pair.second.end));
  }
  return lines;
}

class YamlEdit {
 public:
  YamlEdit(std::string_view text, std::string_view wanted) : text_(text), wanted_(wanted) {
    const std::size_t newline = text.find('\n');
    if (newline != std::string_view::npos && newline > 0 && text[newline - 1] == '\r')
      line_end_ = "\r\n";
  }

  Result<std::string> run(const std::string& section) {
    const auto root = parse_yaml_text(text_);
    const auto addition = parse_yaml_text(wanted_);
    const YamlNode& entries = *addition->find(section);
    if (root->kind == YamlNode::Kind::null) return with_section(section, entries);
    if (root->kind != YamlNode::Kind::mapping || root->flow || root->column != 0) {
      return refuse(root->begin, "not a mapping, one \"name: value\" a line");
    }
    const YamlNode* key = nullptr;
    const YamlNode* there = nullptr;
    for (const auto& [name, value] : root->pairs) {
      if (name.text != section) continue;
      if (key != nullptr) return refuse(name.begin, section + " stands there twice");
      key = &name;
      there = &value;
    }
    if (key == nullptr) return with_section(section, entries);
    if (is_null(*there)) return under_empty_key(*key, *there, entries);
    if (there->kind != entries.kind) {
      const bool mapping = entries.kind == YamlNode::Kind::mapping;
      return refuse(there->begin,
                    section + " is not " + (mapping ? "a mapping of names" : "a list"));
    }
    if (there->flow) return in_brackets(*there, entries);
    return entries.kind == YamlNode::Kind::mapping ? in_mapping(*key, *there, entries)
                                                   : in_list(*there, entries);
  }

 private:
  Error refuse(std::size_t position, const std::string& what) const {
    return {ErrorKind::invalid_argument,
            "line " + std::to_string(line_of(text_, position)) + ": " + what};
  }

  static bool is_null(const YamlNode& node) {
    return node.kind == YamlNode::Kind::null ||
           (node.kind == YamlNode::Kind::scalar && yaml_value(node).is_null());
  }

  std::string replaced(std::size_t begin, std::size_t end, const std::string& by) const {
    return std::string(text_.substr(0, begin)) + by + std::string(text_.substr(end));
  }

  /// The entries of a block, at the column.
  std::string block(const YamlNode& entries, std::size_t column) const {
    std::string out;
    const std::string space(column, ' ');
    for (const auto& [key, value] : entries.pairs) {
      out +=
          space + key.text + ":" + line_end_ +
          indented(entry_lines(wanted_, value, {}, nullptr), column + 2, space + "  ", line_end_);
    }
    for (const YamlNode& item : entries.items) {
      out += indented(entry_lines(wanted_, item, {}, nullptr), column + 2, space + "- ", line_end_);
    }
    return out;
  }

  std::string with_section(const std::string& section, const YamlNode& entries) const {
    std::string head(text_);
    // Before the mark that ends a document.
    std::string tail;
    const std::size_t mark = head.rfind("\n...");
    if (mark != std::string::npos && head.find_first_not_of(" \r\n", mark + 4) == head.npos) {
      tail = head.substr(mark + 1);
      head.resize(mark + 1);
    }
    if (!head.empty() && head.back() != '\n') head += line_end_;
    return head + section + ":" + line_end_ + block(entries, 2) + tail;
  }

  std::string under_empty_key(const YamlNode& key, const YamlNode& value,
                              const YamlNode& entries) const {
    std::string text(text_);
    if (value.kind == YamlNode::Kind::scalar) text.erase(value.begin, value.end - value.begin);
    std::size_t place = behind_line(text, key.end);
    std::string added = block(entries, 2);
    if (text.empty() || text[place - 1] != '\n') added.insert(0, line_end_);
    return text.substr(0, place) + added + text.substr(place);
  }

  /// JSON is YAML.
  std::string in_brackets(const YamlNode& there, const YamlNode& entries) const {
    const ordered_json merged = merge_values({{"section", yaml_value(there)}},
                                             {{"section", yaml_value(entries)}})["section"];
    if (same_value(merged, yaml_value(there))) return std::string(text_);
    return replaced(there.begin, there.end, merged.dump());
  }

  Result<std::string> in_mapping(const YamlNode& key, const YamlNode& there,
                                 const YamlNode& entries) const {
    const auto& [name, value] = entries.pairs.front();
    for (const auto& [old_name, old_value] : there.pairs) {
      if (old_name.text != name.text) continue;
      const ordered_json before = yaml_value(old_value);
      if (same_value(merge_entry(before, yaml_value(value)), before)) return std::string(text_);
      const std::size_t column = old_name.column;
      const bool in_braces = old_value.flow;
      const auto lines = entry_lines(wanted_, value, text_, in_braces ? nullptr : &old_value);
      std::string entry = name.text + ":" + line_end_ +
                          indented(lines, column + 2, std::string(column + 2, ' '), line_end_);
      if (in_braces) {
        entry = name.text + ": " + merge_entry(before, yaml_value(value)).dump() + line_end_;
      }
      return replaced(old_name.begin, behind_line(text_, std::max(old_name.end, old_value.end)),
                      entry);
    }
    if (text_.substr(key.end, there.begin - key.end).find('\n') == std::string_view::npos) {
      return refuse(there.begin, key.text + " has its entries on its own line");
    }
    const std::size_t place = behind_line(text_, key.end);
    return replaced(place, place, block(entries, there.pairs.front().first.column));
  }

  Result<std::string> in_list(const YamlNode& there, const YamlNode& entries) const {
    const YamlNode& item = entries.items.front();
    const auto position = find_entry(yaml_value(there), yaml_value(item));
    if (!position) {
      const std::size_t place = behind_line(text_, there.end);
      std::string added = block(entries, there.column);
      if (text_[place - 1] != '\n') added.insert(0, line_end_);
      return replaced(place, place, added);
    }
    const YamlNode& old = there.items[*position];
    const ordered_json before = yaml_value(old);
    const ordered_json after = merge_entry(before, yaml_value(item));
    if (same_value(after, before)) return std::string(text_);
    if (old.flow) return replaced(old.begin, old.end, after.dump());
    const auto lines = entry_lines(wanted_, item, text_, &old);
    const std::string entry = indented(lines, old.column, "", line_end_);
    return replaced(old.begin, behind_line(text_, old.end), entry);
  }

  const std::string_view text_;
  const std::string_view wanted_;
  std::string line_end_ = "\n";
};

}  // namespace

Result<std::string> add_yaml_entries(std::string_view text, const std::string& section,
                                     std::string_view wanted) {
  return YamlEdit(text, wanted).run(section);
}

}  // namespace callslip
