#include "plugin/page/mcp_app.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "plugin/page/page_files.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::array kStyles{"theme.css", "button.css", "card.css", "app.css"};

std::string_view text_of(std::string_view name) {
  const PageFile* file = find_page_file(name);
  if (file == nullptr) throw std::logic_error("the page has no " + std::string(name));
  return file->text;
}

/// Modules as one script: what a module imports stands before it, and its names are shared, which
/// needs them to be different in all modules.
class ModuleChain {
 public:
  void add(const std::string& name) {
    if (std::find(added_.begin(), added_.end(), name) != added_.end()) return;
    added_.push_back(name);
    std::string own;
    std::string_view rest = text_of(name);
    while (!rest.empty()) {
      std::string_view line = take_line(rest);
      if (line.substr(0, kImport.size()) == kImport) {
        add(imported(line, rest));
        continue;
      }
      if (line.substr(0, kExport.size()) == kExport) line.remove_prefix(kExport.size());
      own.append(line).append(1, '\n');
    }
    script_ += own;
  }

  std::string take() { return std::move(script_); }

 private:
  static constexpr std::string_view kImport = "import ";
  static constexpr std::string_view kExport = "export ";

  static std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
  }

  /// The file that an import names, which may stand on a later line.
  static std::string imported(std::string_view line, std::string_view& rest) {
    while (line.find('\'') == std::string_view::npos && !rest.empty()) line = take_line(rest);
    const std::size_t begin = line.find("'./");
    const std::size_t end = line.rfind('\'');
    if (begin == std::string_view::npos || end <= begin + 3) {
      throw std::logic_error("an import of the page: " + std::string(line));
    }
    return std::string(line.substr(begin + 3, end - begin - 3));
  }

  std::vector<std::string> added_;
  std::string script_;
};

std::string filled_in(std::string_view html, std::string_view place, const std::string& text) {
  const std::size_t at = html.find(place);
  if (at == std::string_view::npos) throw std::logic_error("app.html has no " + std::string(place));
  return std::string(html.substr(0, at)) + text + std::string(html.substr(at + place.size()));
}

std::string make_html() {
  ModuleChain modules;
  modules.add("app_main.js");
  std::string styles;
  for (const char* name : kStyles) styles += text_of(name);
  const std::string styled = filled_in(text_of("app.html"), "/* styles */", styles);
  return filled_in(styled, "/* script */", modules.take());
}

/// The document asks for nothing from outside, and says so.
json ui_meta() { return {{"ui", {{"csp", json::object()}, {"prefersBorder", true}}}}; }

}  // namespace

const std::string& mcp_app_html() {
  static const std::string html = make_html();
  return html;
}

json mcp_app_tool_meta() {
  // The second as hosts knew it before the specification was final.
  return {{"ui", {{"resourceUri", kMcpAppUri}}}, {"ui/resourceUri", kMcpAppUri}};
}

FixedResource mcp_app_resource() {
  FixedResource resource;
  resource.described = {
      {"uri", kMcpAppUri},       {"name", "result"},
      {"title", "Result"},       {"description", "Shows what doc_search or read_chunks answered"},
      {"mimeType", kMcpAppType}, {"_meta", ui_meta()}};
  resource.read = [](const std::string&) {
    return json{{"mimeType", kMcpAppType}, {"text", mcp_app_html()}, {"_meta", ui_meta()}};
  };
  return resource;
}

}  // namespace callslip
