#include "tools/list_documents.h"

#include <algorithm>
#include <map>

#include "index/code/code_origin.h"
#include "index/hash.h"
#include "tools/document_filter.h"
#include "tools/document_uri.h"
#include "tools/search_cursor.h"
#include "tools/text_block.h"

namespace callslip {
namespace {

std::string footer(std::uint64_t shown, std::uint64_t all, const std::string& cursor) {
  return std::to_string(shown) + " of " + std::to_string(all) +
         " entries shown; more with cursor \"" + cursor + "\"\n";
}

/// The folder that stands for a name when names are rolled up: its first `depth` components, or
/// as many as there are above the document.
std::string folder_of(std::string_view name, std::size_t depth) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < depth; ++i) {
    const std::size_t separator = name.find_first_of("/#", at);
    if (separator == std::string_view::npos) break;  // its own folder; a lone file is its own
    at = separator + 1;
  }
  return std::string(at == 0 ? name : name.substr(0, at));
}

ListedDocument describe(const Snapshot& snapshot, DocumentNumber number) {
  const DocumentRow& row = snapshot.document(number);
  ListedDocument document;
  document.document = snapshot.name(number);
  document.uri = file_uri(snapshot.string(number, row.path), document.document);
  document.title = snapshot.string(number, row.title);
  document.type = snapshot.string(number, row.type);
  document.bytes = row.text_bytes;
  document.tokens = row.tokens;
  document.chunks = row.chunks;
  document.modified = row.mtime_ns / 1'000'000'000;
  document.lossy = (row.flags & DocumentRow::kLossy) != 0;
  document.language = code_of(language_from_number(row.language));
  document.ranked_down = origin_names(row.flags);
  return document;
}

std::string line_of(const ListedDocument& document) {
  std::string line = on_its_line(document.document) + " | " + document.type + " | " +
                     quantity(document.tokens, "token") + " in " +
                     quantity(document.chunks, "chunk");
  if (!document.title.empty()) line += " | " + on_its_line(document.title);
  if (document.lossy) line += " | lossy";
  for (const std::string& reason : document.ranked_down) line += " | " + reason;
  return line + "\n";
}

std::string line_of(const ListedFolder& folder) {
  return on_its_line(folder.folder) + " | " + quantity(folder.documents, "document") + ", " +
         quantity(folder.tokens, "token") + "\n";
}

std::string line_of(const OutlineEntry& entry) {
  return std::string(std::size_t{2} * entry.level, ' ') + on_its_line(entry.heading) + " | " +
         entry.chunk_id + "\n";
}

/// Folders at the greatest depth at which they are at most `limit`; at least one level.
std::vector<ListedFolder> roll_up(const Snapshot& snapshot,
                                  const std::vector<DocumentNumber>& documents, std::size_t limit) {
  std::map<std::string, ListedFolder> best;
  for (std::size_t depth = 1;; ++depth) {
    std::map<std::string, ListedFolder> folders;
    for (const DocumentNumber document : documents) {
      const std::string name = folder_of(snapshot.name(document), depth);
      ListedFolder& folder = folders[name];
      folder.folder = name;
      ++folder.documents;
      folder.tokens += snapshot.document(document).tokens;
    }
    const bool deeper = best.empty() || !std::equal(folders.begin(), folders.end(), best.begin(),
                                                    best.end(), [](const auto& a, const auto& b) {
                                                      return a.first == b.first;
                                                    });
    if (!best.empty() && (!deeper || folders.size() > limit)) break;
    best = std::move(folders);
    if (best.size() > limit) break;
  }
  std::vector<ListedFolder> out;
  out.reserve(best.size());
  for (auto& [name, folder] : best) out.push_back(std::move(folder));
  return out;
}

std::vector<OutlineEntry> outline_of(const Snapshot& snapshot, DocumentNumber number) {
  std::vector<OutlineEntry> outline;
  const ChunkRange chunks = snapshot.chunks_of(number);
  for (const HeadingRow& heading : snapshot.headings(number)) {
    ChunkNumber chunk = chunks.first;
    while (chunk + 1 < chunks.last && snapshot.chunk(chunk + 1).byte_start <= heading.byte_start) {
      ++chunk;
    }
    outline.push_back({std::string(snapshot.string(number, heading.text)), heading.level,
                       chunk_id_of(snapshot, chunk)});
  }
  return outline;
}

/// Adds entries from `at` on while they fit; the first of a page is always taken.
template <class T>
void add_entries(const std::vector<T>& entries, std::uint64_t& at, std::uint64_t bound,
                 TextBlock& block, std::vector<T>& out) {
  const std::uint64_t first = at;
  for (; at < entries.size() && at - first < bound; ++at) {
    if (!block.add(line_of(entries[at]))) {
      if (at > first) return;
      block.add(cut_to_tokens(line_of(entries[at]), TextKind::code, block.left(), block.counter()));
    }
    out.push_back(entries[at]);
  }
}

}  // namespace

Result<ListDocumentsResult> ListDocuments::list(const ListDocumentsRequest& request,
                                                const CallContext& context) const {
  const auto view = library_.view(context);
  if (!view) return view.error();
  const Snapshot& snapshot = *view->snapshot;
  ListDocumentsResult result;
  result.index = view->info;
  result.notes = request.notes;
  const auto selection = select_documents(snapshot, request.documents);
  if (!selection) return selection.error();
  const auto& documents =
      selection->everything ? snapshot.documents_by_name() : selection->documents;
  result.matches = documents.size();

  std::string key = "list" + std::to_string(request.limit);
  for (const std::string& pattern : request.documents) key.append(1, '\0').append(pattern);
  SearchCursor at;
  at.digest = hash64(key);
  if (!request.cursor.empty()) {
    auto cursor = SearchCursor::parse(request.cursor, at.digest);
    if (!cursor) return cursor.error();
    result.index.changed = cursor->revision != snapshot.revision();
    at.rank = cursor->rank;
  }
  at.revision = snapshot.revision();

  TextBlock block(*view->tokens, request.max_tokens);
  const auto add_notes = [&] {
    callslip::add_notes(block, request.notes, request.max_tokens < tight_budget);
    if (result.index.indexing) block.add(result.index.indexing->note());
  };
  if (request.max_tokens >= tight_budget) add_notes();
  SearchCursor widest = at;
  widest.rank = documents.size();
  const std::string reserved = footer(documents.size(), documents.size(), widest.text());
  const std::size_t room = block.count(reserved);
  block.reserve(room);
  std::uint64_t all = 0;
  if (documents.size() > request.limit) {
    const auto folders = roll_up(snapshot, documents, request.limit);
    all = folders.size();
    add_entries(folders, at.rank, request.limit, block, result.folders);
  } else {
    std::vector<ListedDocument> listed;
    listed.reserve(documents.size());
    for (const DocumentNumber document : documents) listed.push_back(describe(snapshot, document));
    std::vector<OutlineEntry> outline;
    if (documents.size() == 1) outline = outline_of(snapshot, documents[0]);
    all = listed.size() + outline.size();
    if (at.rank < listed.size()) add_entries(listed, at.rank, all, block, result.documents);
    if (at.rank >= listed.size() && !outline.empty()) {
      std::uint64_t entry = at.rank - listed.size();
      add_entries(outline, entry, all, block, result.outline);
      at.rank = listed.size() + entry;
    }
  }
  block.release(room);
  if (at.rank < all) {
    result.next_cursor = at.text();
    block.add(footer(at.rank, all, result.next_cursor));
  } else if (all == 0) {
    block.add(result.index.indexing ? "No documents are indexed yet.\n"
                                    : "The index holds no documents.\n");
  }
  if (request.max_tokens < tight_budget) add_notes();
  result.text = block.text();
  result.total_tokens = block.total();
  return result;
}

}  // namespace callslip
