#include "tools/document_filter.h"

#include <algorithm>
#include <cctype>

#include "index/document_id.h"
#include "index/files/glob.h"
#include "tools/document_uri.h"
#include "tools/percent_encoding.h"

namespace callslip {
namespace {

constexpr std::size_t kNearestNames = 5;

std::string_view base_name(std::string_view name) { return name.substr(name.rfind('/') + 1); }

/// How unlike two texts are: the share of pairs of letters that they do not have in common.
double distance(std::string_view a, std::string_view b) {
  const auto pairs = [](std::string_view text) {
    std::vector<std::pair<int, int>> out;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      out.emplace_back(std::tolower(static_cast<unsigned char>(text[i])),
                       std::tolower(static_cast<unsigned char>(text[i + 1])));
    }
    std::sort(out.begin(), out.end());
    return out;
  };
  const auto first = pairs(a);
  const auto second = pairs(b);
  std::vector<std::pair<int, int>> common;
  std::set_intersection(first.begin(), first.end(), second.begin(), second.end(),
                        std::back_inserter(common));
  const auto all = static_cast<double>(first.size() + second.size());
  return all == 0 ? 1 : 1 - 2 * static_cast<double>(common.size()) / all;
}

std::string nearest_names(const Snapshot& snapshot, std::string_view wanted) {
  std::vector<std::pair<double, std::string_view>> candidates;
  const std::string_view wanted_base = base_name(wanted);
  for (const DocumentNumber document : snapshot.documents_by_name()) {
    const std::string_view name = snapshot.name(document);
    candidates.emplace_back(
        std::min(distance(wanted, name), distance(wanted_base, base_name(name))), name);
  }
  const std::size_t count = std::min(kNearestNames, candidates.size());
  std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count),
                    candidates.end());
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    if (candidates[i].first > 0.8 && i > 0) break;
    out += (out.empty() ? "" : ", ") + std::string(candidates[i].second);
  }
  return out.empty() ? "the index is empty" : "the nearest names are: " + out;
}

/// Documents whose names begin with a prefix: they are neighbours in the order of names.
void add_prefix(const Snapshot& snapshot, const std::string& prefix,
                std::vector<DocumentNumber>& out) {
  const auto& by_name = snapshot.documents_by_name();
  auto it = std::lower_bound(
      by_name.begin(), by_name.end(), prefix,
      [&](DocumentNumber d, const std::string& p) { return snapshot.name(d) < p; });
  for (; it != by_name.end() && snapshot.name(*it).starts_with(prefix); ++it) out.push_back(*it);
}

std::vector<DocumentNumber> matches_of(const Snapshot& snapshot, std::string pattern) {
  std::vector<DocumentNumber> found;
  if (const auto exact = snapshot.find(document_id(pattern));
      exact && snapshot.name(*exact) == pattern) {
    return {*exact};
  }
  std::string folder = pattern;
  while (!folder.empty() && folder.back() == '/') folder.pop_back();
  add_prefix(snapshot, folder + "/", found);
  add_prefix(snapshot, folder + "#", found);  // a collection by its name
  // Not a folder whose name goes on with a '#'.
  std::erase_if(found, [&](DocumentNumber document) {
    return snapshot.name(document)[folder.size()] == '#' &&
           snapshot.member_name(document) != folder;
  });
  if (!found.empty()) return found;

  std::string path = pattern;
  if (path.starts_with("file://")) path = percent_decode(path.substr(7));
  if (path.starts_with('/')) {
    const std::size_t fragment = path.find('#');
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    for (const DocumentNumber document : snapshot.documents_by_name()) {
      const std::string_view own = snapshot.string(document, snapshot.document(document).path);
      const bool same = own == path || (own.starts_with(path) && own[path.size()] == '/');
      const bool record = fragment != std::string::npos && own == path.substr(0, fragment) &&
                          record_of_file(own, snapshot.name(document)) == path.substr(fragment + 1);
      if (same || record) found.push_back(document);
    }
    if (!found.empty()) return found;
  }
  const auto add_if = [&](const auto& matches) {
    for (const DocumentNumber document : snapshot.documents_by_name()) {
      // A collection is all of its records, an archive all of its members.
      if (matches(snapshot.name(document)) || matches(snapshot.member_name(document)) ||
          matches(snapshot.file_name(document))) {
        found.push_back(document);
      }
    }
  };
  add_if([&](std::string_view name) { return base_name(name) == pattern; });
  if (!found.empty() || !Glob::has_wildcards(pattern)) return found;
  const Glob glob(pattern);
  add_if([&](std::string_view name) { return glob.matches(name); });
  return found;
}

}  // namespace

Result<DocumentSelection> select_documents(const Snapshot& snapshot,
                                           const std::vector<std::string>& patterns) {
  DocumentSelection selection;
  std::vector<bool> chosen(snapshot.document_bound());
  const bool only_exclusions = std::all_of(patterns.begin(), patterns.end(),
                                           [](const auto& p) { return p.starts_with('!'); });
  selection.everything = patterns.empty();
  if (selection.everything) {
    selection.scope = snapshot.living();
    selection.tokens = snapshot.token_count();
    return selection;
  }
  if (only_exclusions) {
    for (const DocumentNumber document : snapshot.documents_by_name()) chosen[document] = true;
  }
  for (const bool excluding : {false, true}) {
    for (const std::string& pattern : patterns) {
      if (pattern.starts_with('!') != excluding) continue;
      const std::string wanted = excluding ? pattern.substr(1) : pattern;
      const auto found = matches_of(snapshot, wanted);
      if (found.empty() && !excluding) {
        return Error{ErrorKind::invalid_argument, "documents: nothing is named \"" + wanted +
                                                      "\"; " + nearest_names(snapshot, wanted)};
      }
      for (const DocumentNumber document : found) chosen[document] = !excluding;
    }
  }
  for (const DocumentNumber document : snapshot.documents_by_name()) {
    if (!chosen[document]) continue;
    selection.documents.push_back(document);
    selection.tokens += snapshot.document(document).tokens;
    const ChunkRange range = snapshot.chunks_of(document);
    if (range.first < range.last) selection.scope.push_back(range);
  }
  std::sort(selection.scope.begin(), selection.scope.end(),
            [](const ChunkRange& a, const ChunkRange& b) { return a.first < b.first; });
  return selection;
}

}  // namespace callslip
