#include "index/formats/office/xml_tree.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr std::size_t max_nodes = 12'000'000;  // 64 bytes an element, 40 an attribute
constexpr int max_depth = 512;

bool has_byte_order_mark(std::string_view text) {
  return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

bool is_too_deep(pugi::xml_node root) {
  int depth = 0;
  pugi::xml_node node = root;
  while (node) {
    if (node.first_child()) {
      node = node.first_child();
      if (++depth > max_depth) return true;
      continue;
    }
    while (node && node != root && !node.next_sibling()) {
      node = node.parent();
      --depth;
    }
    if (!node || node == root) return false;
    node = node.next_sibling();
  }
  return false;
}

std::string_view without_prefix(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == name.npos ? name : name.substr(colon + 1);
}

}  // namespace

Result<XmlTree> XmlTree::parse(std::string text, std::string_view part, XmlSpace space,
                               std::string* problem) {
  const auto nodes =
      std::count(text.begin(), text.end(), '<') + std::count(text.begin(), text.end(), '=');
  if (static_cast<std::size_t>(nodes) > max_nodes) {
    return Error{ErrorKind::unsupported,
                 "too large: more than 12,000,000 elements in " + std::string(part)};
  }
  XmlTree tree;
  // pugixml passes bytes on as they are; UTF-16 it converts.
  const bool wide = has_byte_order_mark(text) || text.find('\0') != text.npos;
  tree.text_ = wide ? std::move(text) : make_valid_utf8(std::move(text)).text;
  tree.document_ = std::make_unique<pugi::xml_document>();
  unsigned flags = pugi::parse_default;
  flags |= space == XmlSpace::alone ? pugi::parse_ws_pcdata_single : pugi::parse_ws_pcdata;
  const pugi::xml_parse_result parsed =
      tree.document_->load_buffer_inplace(tree.text_.data(), tree.text_.size(), flags,
                                          wide ? pugi::encoding_auto : pugi::encoding_utf8);
  if (!parsed || !tree.root()) {
    std::string message =
        "damaged XML (at byte " + std::to_string(parsed.offset) + " of " + std::string(part) + ")";
    if (problem == nullptr || !tree.root().first_child()) {
      return Error{ErrorKind::unsupported, std::move(message)};
    }
    *problem = std::move(message);
  }
  if (is_too_deep(tree.root())) {
    return Error{ErrorKind::unsupported, "XML nested more than 512 deep in " + std::string(part)};
  }
  return tree;
}

std::string_view local_name(pugi::xml_node node) {
  return node.type() == pugi::node_element ? without_prefix(node.name()) : std::string_view();
}

pugi::xml_node child_named(pugi::xml_node node, std::string_view name) {
  for (const pugi::xml_node child : node.children()) {
    if (local_name(child) == name) return child;
  }
  return {};
}

pugi::xml_node descend(pugi::xml_node node, std::string_view path) {
  while (node && !path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    node = child_named(node, path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return node;
}

std::string_view attribute(pugi::xml_node node, std::string_view name) {
  std::string_view prefixed;
  for (const pugi::xml_attribute attr : node.attributes()) {
    if (attr.name() == name) return attr.value();
    if (prefixed.empty() && without_prefix(attr.name()) == name) prefixed = attr.value();
  }
  return prefixed;
}

std::string_view prefixed_attribute(pugi::xml_node node, std::string_view name) {
  for (const pugi::xml_attribute attr : node.attributes()) {
    if (attr.name() != name && without_prefix(attr.name()) == name) return attr.value();
  }
  return {};
}

int to_int(std::string_view text, int fallback, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return text.starts_with('-') ? least : most;
  if (error != std::errc()) return fallback;
  return std::clamp(value, least, most);
}

bool is_on(pugi::xml_node node) {
  if (!node) return false;
  const std::string_view value = attribute(node, "val");
  return value != "0" && value != "false" && value != "off";
}

std::string all_text(pugi::xml_node node) {
  std::string text;
  struct Collector : pugi::xml_tree_walker {
    std::string& text;
    explicit Collector(std::string& out) : text(out) {}
    bool for_each(pugi::xml_node& found) override {
      if (found.type() == pugi::node_pcdata || found.type() == pugi::node_cdata) {
        text += found.value();
      }
      return true;
    }
  } collector(text);
  node.traverse(collector);
  return text;
}

}  // namespace callslip
