// Runs a parser over a file in memory. For tests of parsers.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/formats/parser.h"

namespace callslip {

struct Parsed {
  std::vector<ParsedDocument> documents;
  Status status;
};

inline Parsed parse_file(std::string_view name, std::string bytes) {
  Parsed parsed;
  const Parser& parser = parser_for(name, std::string_view(bytes).substr(0, 4096));
  parsed.status =
      parser.parse(name, std::move(bytes), ParseOptions{}, [&](ParsedDocument document) {
        parsed.documents.push_back(std::move(document));
        return Status();
      });
  return parsed;
}

/// The only document of a file that parses.
inline ParsedDocument parse_document(std::string_view name, std::string bytes) {
  Parsed parsed = parse_file(name, std::move(bytes));
  EXPECT_TRUE(parsed.status.ok()) << parsed.status.error().message;
  EXPECT_EQ(parsed.documents.size(), 1U);
  return parsed.documents.empty() ? ParsedDocument{} : std::move(parsed.documents.front());
}

/// The outline in one string, "1 Title|2 Section"; checks that each heading begins a line.
inline std::string outline_of(const ParsedDocument& document) {
  std::string outline;
  std::size_t last = 0;
  for (const Heading& heading : document.headings) {
    EXPECT_LT(heading.byte_start, document.text.size());
    EXPECT_TRUE(heading.byte_start == 0 || document.text[heading.byte_start - 1] == '\n');
    EXPECT_TRUE(outline.empty() || heading.byte_start > last);
    last = heading.byte_start;
    if (!outline.empty()) outline += '|';
    outline += std::to_string(heading.level) + " " + heading.text;
  }
  return outline;
}

}  // namespace callslip
