#include "index/store/catalog.h"

#include <sys/mman.h>
#include <xxhash.h>

#include <algorithm>
#include <array>

#include "index/files/file_descriptor.h"
#include "index/hash.h"

namespace callslip {
namespace {

constexpr std::uint64_t kMagic =
    0x33544143'4C534C43;  // "CLSLCAT3"; reads otherwise on another endianness
constexpr std::size_t kRecentStrings = 1 << 16;

struct Header {
  std::uint64_t magic;
  std::uint64_t documents;
  std::uint64_t chunks;
  std::uint64_t headings;
  std::uint64_t parts;
  std::uint64_t string_bytes;
  std::uint64_t ranked_down;
  std::uint64_t languages;
};

static_assert(sizeof(DocumentRow) == 120 && sizeof(ChunkRow) == 32 && sizeof(HeadingRow) == 24 &&
              sizeof(PartRow) == 24);

template <class T>
std::string_view bytes_of(const std::vector<T>& rows) {
  return {reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(T)};
}

/// Reads through a small buffer, so that verifying maps no pages.
Result<std::uint64_t> checksum_of(const FileDescriptor& file, std::uint64_t size) {
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                 &XXH3_freeState);
  XXH3_64bits_reset(state.get());
  std::array<char, 1 << 16> buffer;
  for (std::uint64_t at = 0; at < size;) {
    const std::size_t n = std::min<std::uint64_t>(buffer.size(), size - at);
    if (Status s = file.read_at(at, buffer.data(), n); !s) return s.error();
    XXH3_64bits_update(state.get(), buffer.data(), n);
    at += n;
  }
  return XXH3_64bits_digest(state.get());
}

}  // namespace

StringRef CatalogWriter::add_string(std::string_view text) {
  if (text.empty()) return {};
  const std::uint64_t key = hash64(text);
  if (const auto found = recent_.find(key); found != recent_.end()) {
    const StringRef ref = found->second;
    if (std::string_view(strings_).substr(ref.offset, ref.length) == text) return ref;
  }
  const StringRef ref{static_cast<std::uint32_t>(strings_.size()),
                      static_cast<std::uint32_t>(text.size())};
  strings_.append(text);
  if (recent_.size() >= kRecentStrings) recent_.clear();
  recent_[key] = ref;
  return ref;
}

void CatalogWriter::append(const Catalog& other, std::uint64_t text_start) {
  const auto string_start = static_cast<std::uint32_t>(strings_.size());
  const auto first_document = static_cast<std::uint32_t>(documents.size());
  const auto first_chunk = static_cast<std::uint32_t>(chunks.size());
  const auto first_heading = static_cast<std::uint32_t>(headings.size());
  const auto first_part = static_cast<std::uint32_t>(parts.size());
  const auto moved = [&](StringRef& ref) {
    if (ref.length > 0) ref.offset += string_start;
  };
  const auto heading_moved = [&](std::uint32_t& heading) {
    if (heading != no_heading) heading += first_heading;
  };
  strings_.append(other.strings());
  for (DocumentRow row : other.documents()) {
    for (StringRef* ref : {&row.name, &row.path, &row.title, &row.type}) moved(*ref);
    row.text_start += text_start;
    row.first_chunk += first_chunk;
    row.first_heading += first_heading;
    row.first_part += first_part;
    documents.push_back(row);
  }
  for (ChunkRow row : other.chunks()) {
    heading_moved(row.heading);
    row.document += first_document;
    chunks.push_back(row);
  }
  for (HeadingRow row : other.headings()) {
    moved(row.text);
    heading_moved(row.parent);
    headings.push_back(row);
  }
  for (PartRow row : other.parts()) {
    moved(row.name);
    parts.push_back(row);
  }
  lengths.insert(lengths.end(), other.lengths().begin(), other.lengths().end());
  for (const RankedDown& range : other.ranked_down()) {
    ranked_down.push_back({range.first + first_chunk, range.last + first_chunk});
  }
  languages.insert(other.languages());
}

std::size_t CatalogWriter::memory_bytes() const {
  return documents.size() * sizeof(DocumentRow) + chunks.size() * sizeof(ChunkRow) +
         headings.size() * sizeof(HeadingRow) + parts.size() * sizeof(PartRow) +
         lengths.size() * sizeof(std::uint32_t) + strings_.size();
}

Result<std::uint64_t> CatalogWriter::finish(const std::string& path) const {
  auto file = FileDescriptor::create(path);
  if (!file) return file.error();
  const Header header{kMagic,       documents.size(), chunks.size(),      headings.size(),
                      parts.size(), strings_.size(),  ranked_down.size(), languages.bits()};
  const std::array<std::string_view, 8> pieces{
      std::string_view(reinterpret_cast<const char*>(&header), sizeof header),
      bytes_of(documents),
      bytes_of(chunks),
      bytes_of(headings),
      bytes_of(parts),
      bytes_of(lengths),
      bytes_of(ranked_down),
      strings_};
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                 &XXH3_freeState);
  XXH3_64bits_reset(state.get());
  for (const std::string_view part : pieces) {
    XXH3_64bits_update(state.get(), part.data(), part.size());
    if (Status s = file->append(part); !s) return s.error().within(path);
  }
  return XXH3_64bits_digest(state.get());
}

Result<std::unique_ptr<Catalog>> Catalog::open(const std::string& path, std::uint64_t checksum) {
  auto file = FileDescriptor::open_for_reading(path);
  if (!file) return file.error();
  const auto size = file->size();
  if (!size) return size.error().within(path);
  const Error damaged = damaged_file(path, "not the catalog that was written");
  Header header{};
  if (*size < sizeof header) return damaged;
  const auto actual = checksum_of(*file, *size);
  if (!actual) return actual.error().within(path);
  if (*actual != checksum) return damaged;
  std::unique_ptr<Catalog> catalog(new Catalog);
  catalog->mapped_bytes_ = *size;
  catalog->mapping_ = ::mmap(nullptr, *size, PROT_READ, MAP_SHARED, file->get(), 0);
  if (catalog->mapping_ == MAP_FAILED) {
    catalog->mapping_ = nullptr;
    return system_error(path, errno);
  }
  const char* at = static_cast<const char*>(catalog->mapping_);
  header = *reinterpret_cast<const Header*>(at);
  at += sizeof header;
  const std::uint64_t expected =
      sizeof header + header.documents * sizeof(DocumentRow) + header.chunks * sizeof(ChunkRow) +
      header.headings * sizeof(HeadingRow) + header.parts * sizeof(PartRow) +
      header.chunks * sizeof(std::uint32_t) + header.ranked_down * sizeof(RankedDown) +
      header.string_bytes;
  if (header.magic != kMagic || expected != *size) return damaged;
  const auto take = [&at]<class T>(std::span<const T>& rows, std::uint64_t count) {
    rows = {reinterpret_cast<const T*>(at), count};
    at += count * sizeof(T);
  };
  take(catalog->documents_, header.documents);
  take(catalog->chunks_, header.chunks);
  take(catalog->headings_, header.headings);
  take(catalog->parts_, header.parts);
  take(catalog->lengths_, header.chunks);
  take(catalog->ranked_down_, header.ranked_down);
  catalog->languages_ = LanguageSet::from_bits(header.languages);
  catalog->strings_ = {at, header.string_bytes};
  return catalog;
}

Catalog::~Catalog() {
  if (mapping_ != nullptr) ::munmap(mapping_, mapped_bytes_);
}

std::string_view Catalog::string(StringRef ref) const {
  return strings_.substr(ref.offset, ref.length);
}

std::vector<std::string> Catalog::heading_path(std::uint32_t heading) const {
  std::vector<std::string> path;
  for (; heading != no_heading; heading = headings_[heading].parent) {
    path.emplace_back(string(headings_[heading].text));
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace callslip
