#include "tools/document_sections.h"

#include <map>

#include "index/formats/text_document.h"

namespace callslip {
namespace {

struct Section {
  std::string heading;
  std::string path;  // from the outermost heading inwards
  ByteSpan span;
};

std::vector<Section> sections_of(const Snapshot& snapshot, DocumentNumber document) {
  const auto headings = snapshot.headings(document);
  std::vector<Section> sections;
  sections.reserve(headings.size());
  std::vector<std::size_t> open;  // those that the next heading may be in
  for (std::size_t i = 0; i < headings.size(); ++i) {
    while (!open.empty() && headings[open.back()].level >= headings[i].level) {
      sections[open.back()].span.end = headings[i].byte_start;
      open.pop_back();
    }
    Section section;
    section.heading = snapshot.string(document, headings[i].text);
    section.path =
        open.empty() ? section.heading : sections[open.back()].path + " > " + section.heading;
    section.span = {headings[i].byte_start, snapshot.document(document).text_bytes};
    sections.push_back(std::move(section));
    open.push_back(i);
  }
  return sections;
}

}  // namespace

std::vector<std::string> section_keys(const Snapshot& snapshot, DocumentNumber document) {
  const std::vector<Section> sections = sections_of(snapshot, document);
  std::map<std::string_view, std::size_t> times;
  for (const Section& section : sections) ++times[section.heading];
  std::vector<std::string> keys;
  keys.reserve(sections.size());
  for (const Section& section : sections) {
    keys.push_back(times[section.heading] > 1 ? section.path : section.heading);
  }
  return keys;
}

std::optional<ByteSpan> find_section(const Snapshot& snapshot, DocumentNumber document,
                                     std::string_view key) {
  const std::vector<Section> sections = sections_of(snapshot, document);
  for (const Section& section : sections) {
    if (section.path == key || section.heading == key) return section.span;
  }
  const std::string wanted = ascii_lower(key);
  for (const Section& section : sections) {
    if (ascii_lower(section.path) == wanted || ascii_lower(section.heading) == wanted) {
      return section.span;
    }
  }
  return std::nullopt;
}

}  // namespace callslip
