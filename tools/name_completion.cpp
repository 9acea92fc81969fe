#include "tools/name_completion.h"

#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <set>

#include "index/document_id.h"
#include "index/formats/text_document.h"
#include "tools/document_sections.h"
#include "tools/found_chunk.h"

namespace callslip {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

std::string fold(std::string_view text) {
  if (is_ascii(text)) return ascii_lower(text);
  std::string out;
  icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())))
      .foldCase()
      .toUTF8String(out);
  return out;
}

/// 0: begins so; 1: a part of it does; 2: holds it; 3: does not.
std::size_t likeness(std::string_view name, std::string_view typed) {
  constexpr std::string_view separators = "/#\\ ._-:>(\"";
  std::size_t at = name.find(typed);
  if (at == 0) return 0;
  if (at == std::string_view::npos) return 3;
  for (; at != std::string_view::npos; at = name.find(typed, at + 1)) {
    if (separators.find(name[at - 1]) != std::string_view::npos) return 1;
  }
  return 2;
}

}  // namespace

NameCompletions complete_names(
    std::string_view typed,
    const std::function<void(const std::function<void(std::string_view)>&)>& each,
    std::size_t most) {
  const std::string wanted = fold(typed);
  std::array<std::vector<std::string>, 3> found;
  NameCompletions completions;
  each([&](std::string_view name) {
    const std::size_t place = wanted.empty() ? 0 : likeness(fold(name), wanted);
    if (place == found.size()) return;
    ++completions.total;
    if (found.at(place).size() < most) found.at(place).emplace_back(name);
  });
  for (auto& names : found) {
    for (std::string& name : names) {
      if (completions.values.size() < most) completions.values.push_back(std::move(name));
    }
  }
  return completions;
}

NameCompletions complete_documents(const Snapshot& snapshot, std::string_view typed) {
  return complete_names(typed, [&](const auto& take) {
    for (const DocumentNumber document : snapshot.documents_by_name()) {
      take(snapshot.name(document));
    }
  });
}

NameCompletions complete_sections(const Snapshot& snapshot, DocumentNumber document,
                                  std::string_view typed, std::size_t most) {
  const auto each = [&](const auto& take) {
    std::set<std::string> seen;
    for (const std::string& key : section_keys(snapshot, document)) {
      if (!key.empty() && seen.insert(key).second) take(key);
    }
  };
  return complete_names(typed, each, most);
}

NameCompletions complete_chunk_ids(const Snapshot& snapshot, std::string_view typed) {
  const std::size_t colon = typed.find(':');
  if (colon != std::string_view::npos) {
    // Any chunk id tells its document.
    const auto id = parse_chunk_id(std::string(typed.substr(0, colon)) + ":0");
    const auto document = id ? snapshot.find(id->document) : std::nullopt;
    return document ? complete_chunk_ids(snapshot, *document, typed) : NameCompletions();
  }
  NameCompletions completions;
  for (const DocumentNumber document : snapshot.documents_by_name()) {
    const DocumentRow& row = snapshot.document(document);
    if (row.chunks == 0) continue;
    const std::string id = chunk_id_text({row.id, 0});
    if (!id.starts_with(typed)) continue;
    ++completions.total;
    if (completions.values.size() < max_completions) completions.values.push_back(id);
  }
  return completions;
}

NameCompletions complete_chunk_ids(const Snapshot& snapshot, DocumentNumber document,
                                   std::string_view typed) {
  NameCompletions completions;
  const DocumentRow& row = snapshot.document(document);
  for (std::uint32_t ordinal = 0; ordinal < row.chunks; ++ordinal) {
    std::string id = chunk_id_text({row.id, ordinal});
    if (!id.starts_with(typed)) continue;
    ++completions.total;
    if (completions.values.size() < max_completions) completions.values.push_back(std::move(id));
  }
  return completions;
}

}  // namespace callslip
