// XML as a stream of events (expat), for parts that are too large for a tree: sheets, shared
// strings.
//
// A handler belongs to one thread. Names come without their namespace's prefix. Entities that a
// document declares itself are an error, so that nothing expands; so is nesting beyond 512.
#pragma once

#include <string_view>

#include "index/result.h"

namespace callslip {

/// The attributes of a start tag: valid during the call.
class XmlAttributes {
 public:
  explicit XmlAttributes(const char** pairs) : pairs_(pairs) {}

  /// Empty if there is none.
  std::string_view get(std::string_view name) const;

 private:
  const char** pairs_;
};

class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual void on_start(std::string_view name, const XmlAttributes& attributes) = 0;
  virtual void on_end(std::string_view name) = 0;
  virtual void on_text(std::string_view text) = 0;

  /// Whether it has had enough: asked after each start.
  virtual bool wants_stop() const { return false; }
};

/// Errors: ErrorKind::unsupported, "damaged XML (line 7 of xl/worksheets/sheet1.xml: ...)".
Status read_xml_events(std::string_view xml, std::string_view part, XmlHandler& handler);

}  // namespace callslip
