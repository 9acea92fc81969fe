#include "index/formats/office/xml_events.h"

#include <expat.h>

#include <algorithm>
#include <memory>
#include <string>
#include <type_traits>

namespace callslip {
namespace {

constexpr int max_depth = 512;
constexpr std::size_t block = std::size_t{1} << 20;  // expat counts in int

struct Context {
  XmlHandler& handler;
  XML_Parser parser;
  int depth = 0;
  std::string_view refusal;
};

std::string_view without_prefix(const char* name) {
  const std::string_view whole = name;
  const std::size_t colon = whole.find(':');
  return colon == whole.npos ? whole : whole.substr(colon + 1);
}

void stop(Context& context, std::string_view refusal) {
  context.refusal = refusal;
  XML_StopParser(context.parser, XML_FALSE);
}

void on_start(void* data, const char* name, const char** attributes) {
  Context& context = *static_cast<Context*>(data);
  if (++context.depth > max_depth) return stop(context, "nested more than 512 deep");
  context.handler.on_start(without_prefix(name), XmlAttributes(attributes));
  if (context.handler.wants_stop()) stop(context, {});
}

void on_end(void* data, const char* name) {
  Context& context = *static_cast<Context*>(data);
  --context.depth;
  context.handler.on_end(without_prefix(name));
}

void on_text(void* data, const char* text, int length) {
  static_cast<Context*>(data)->handler.on_text({text, static_cast<std::size_t>(length)});
}

void on_entity(void* data, const char*, int, const char*, int, const char*, const char*,
               const char*, const char*) {
  stop(*static_cast<Context*>(data), "it declares entities");
}

}  // namespace

std::string_view XmlAttributes::get(std::string_view name) const {
  for (const char** at = pairs_; *at != nullptr; at += 2) {
    if (without_prefix(at[0]) == name) return at[1];
  }
  return {};
}

Status read_xml_events(std::string_view xml, std::string_view part, XmlHandler& handler) {
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, void (*)(XML_Parser)> parser(
      XML_ParserCreate(nullptr), &XML_ParserFree);
  Context context{handler, parser.get(), 0, {}};
  XML_SetUserData(parser.get(), &context);
  XML_SetElementHandler(parser.get(), &on_start, &on_end);
  XML_SetCharacterDataHandler(parser.get(), &on_text);
  XML_SetEntityDeclHandler(parser.get(), &on_entity);
  for (std::size_t at = 0;; at += block) {
    const std::string_view piece = xml.substr(std::min(at, xml.size()), block);
    const bool last = at + piece.size() >= xml.size();
    const XML_Status status = XML_Parse(parser.get(), piece.data(), static_cast<int>(piece.size()),
                                        last ? XML_TRUE : XML_FALSE);
    if (status != XML_STATUS_OK) {
      if (handler.wants_stop() && context.refusal.empty()) return {};
      const std::string reason(context.refusal.empty()
                                   ? XML_ErrorString(XML_GetErrorCode(parser.get()))
                                   : context.refusal);
      return Error{ErrorKind::unsupported,
                   "damaged XML (line " + std::to_string(XML_GetCurrentLineNumber(parser.get())) +
                       " of " + std::string(part) + ": " + reason + ")"};
    }
    if (last) return {};
  }
}

}  // namespace callslip
