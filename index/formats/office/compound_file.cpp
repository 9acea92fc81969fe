#include "index/formats/office/compound_file.h"

#include <algorithm>
#include <utility>

#include "index/formats/text_document.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t last_sector = 0xFFFFFFFA;  // above it stand marks
constexpr std::size_t max_entries = 65536;
constexpr int max_nesting = 16;

}  // namespace

std::uint16_t u16_at(std::string_view bytes, std::size_t at) {
  if (at + 2 > bytes.size()) return 0;
  return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[at]) |
                                    static_cast<unsigned char>(bytes[at + 1]) << 8);
}

std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint32_t>(u16_at(bytes, at)) |
         static_cast<std::uint32_t>(u16_at(bytes, at + 2)) << 16;
}

std::string utf16_text(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    char32_t c = u16_at(bytes, i);
    if (c >= 0xD800 && c < 0xDC00 && i + 3 < bytes.size()) {
      const char32_t low = u16_at(bytes, i + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        i += 2;
      }
    }
    append_utf8(out, c);
  }
  return out;
}

Result<CompoundFile> CompoundFile::open(std::string_view bytes) {
  const Error damaged{ErrorKind::unsupported, "damaged Microsoft Office file"};
  if (bytes.size() < 512 || !bytes.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv)) {
    return damaged;
  }
  CompoundFile file;
  file.bytes_ = bytes;
  const unsigned shift = u16_at(bytes, 30);
  const unsigned mini_shift = u16_at(bytes, 32);
  if (shift < 7 || shift > 16 || mini_shift < 4 || mini_shift >= shift) return damaged;
  file.sector_size_ = std::size_t{1} << shift;
  file.mini_size_ = std::size_t{1} << mini_shift;
  file.mini_cutoff_ = u32_at(bytes, 56);
  if (!file.load_tables()) return damaged;
  file.load_directory(u32_at(bytes, 48));
  if (file.streams_.empty()) return damaged;
  return file;
}

std::string_view CompoundFile::sector(std::uint32_t number) const {
  const std::uint64_t start = (std::uint64_t{number} + 1) * sector_size_;
  if (number > last_sector || start >= bytes_.size()) return {};
  return bytes_.substr(static_cast<std::size_t>(start), sector_size_);
}

bool CompoundFile::load_tables() {
  const std::size_t sectors = bytes_.size() / sector_size_ + 1;
  std::vector<std::uint32_t> fat;
  for (std::size_t i = 0; i < 109; ++i) fat.push_back(u32_at(bytes_, 76 + 4 * i));
  std::uint32_t next = u32_at(bytes_, 68);  // the list goes on in sectors of its own
  for (std::size_t step = 0; step < sectors && next <= last_sector; ++step) {
    const std::string_view more = sector(next);
    if (more.size() < sector_size_) break;
    for (std::size_t i = 0; i + 8 <= more.size(); i += 4) fat.push_back(u32_at(more, i));
    next = u32_at(more, sector_size_ - 4);
  }
  for (const std::uint32_t number : fat) {
    if (number > last_sector || table_.size() > sectors) continue;
    const std::string_view part = sector(number);
    for (std::size_t i = 0; i + 4 <= part.size(); i += 4) table_.push_back(u32_at(part, i));
  }
  return !table_.empty();
}

std::vector<std::uint32_t> CompoundFile::chain(std::uint32_t start,
                                               const std::vector<std::uint32_t>& table,
                                               std::size_t most) const {
  std::vector<std::uint32_t> out;
  // A chain cannot be longer than its table: else it loops.
  for (std::uint32_t at = start; at < table.size() && out.size() < most; at = table[at]) {
    out.push_back(at);
    if (out.size() > table.size()) break;
  }
  return out;
}

std::string CompoundFile::read_sectors(std::uint32_t start, std::uint64_t size) const {
  std::string out;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, bytes_.size()));
  for (const std::uint32_t number : chain(start, table_, wanted / sector_size_ + 1)) {
    out += sector(number);
  }
  out.resize(std::min(out.size(), wanted));
  return out;
}

void CompoundFile::load_directory(std::uint32_t start) {
  const std::string directory = read_sectors(start, bytes_.size());
  struct Entry {
    std::string name;
    int type = 0;  // 1: storage, 2: stream, 5: root
    std::uint32_t left = 0, right = 0, child = 0;
    Stream stream;
  };
  std::vector<Entry> entries;
  for (std::size_t at = 0; at + 128 <= directory.size() && entries.size() < max_entries;
       at += 128) {
    const std::string_view raw = std::string_view(directory).substr(at, 128);
    Entry entry;
    const std::size_t length = std::min<std::size_t>(u16_at(raw, 64), 64);
    entry.name = ascii_lower(utf16_text(raw.substr(0, length >= 2 ? length - 2 : 0)));
    entry.type = raw[66];
    entry.left = u32_at(raw, 68);
    entry.right = u32_at(raw, 72);
    entry.child = u32_at(raw, 76);
    entry.stream.start = u32_at(raw, 116);
    entry.stream.size = u32_at(raw, 120);
    if (sector_size_ > 512) entry.stream.size |= std::uint64_t{u32_at(raw, 124)} << 32;
    entries.push_back(std::move(entry));
  }
  if (entries.empty()) return;
  const std::string mini = read_sectors(u32_at(bytes_, 60), bytes_.size());
  for (std::size_t i = 0; i + 4 <= mini.size(); i += 4) mini_table_.push_back(u32_at(mini, i));
  mini_stream_ = read_sectors(entries[0].stream.start, entries[0].stream.size);

  struct Place {
    std::uint32_t entry;
    std::string folder;
    int nesting;
  };
  std::vector<Place> to_visit{{entries[0].child, "", 0}};
  std::vector<bool> seen(entries.size(), false);
  while (!to_visit.empty()) {
    const Place place = std::move(to_visit.back());
    to_visit.pop_back();
    if (place.entry >= entries.size() || seen[place.entry]) continue;
    seen[place.entry] = true;
    const Entry& entry = entries[place.entry];
    to_visit.push_back({entry.left, place.folder, place.nesting});
    to_visit.push_back({entry.right, place.folder, place.nesting});
    const std::string path = place.folder + entry.name;
    if (entry.type == 2) {
      streams_.try_emplace(path, entry.stream);
    } else if (entry.type == 1 && place.nesting < max_nesting) {
      to_visit.push_back({entry.child, path + "/", place.nesting + 1});
    }
  }
}

bool CompoundFile::has(std::string_view path) const { return streams_.contains(ascii_lower(path)); }

std::vector<std::string> CompoundFile::paths() const {
  std::vector<std::string> all;
  for (const auto& [path, stream] : streams_) all.push_back(path);
  return all;
}

std::optional<std::string> CompoundFile::read(std::string_view path) const {
  const auto found = streams_.find(ascii_lower(path));
  if (found == streams_.end()) return std::nullopt;
  const Stream& stream = found->second;
  if (stream.size >= mini_cutoff_) return read_sectors(stream.start, stream.size);
  std::string out;
  const auto size = static_cast<std::size_t>(stream.size);
  for (const std::uint32_t number : chain(stream.start, mini_table_, size / mini_size_ + 1)) {
    const std::size_t at = std::size_t{number} * mini_size_;
    if (at >= mini_stream_.size()) break;
    out += std::string_view(mini_stream_).substr(at, mini_size_);
  }
  out.resize(std::min(out.size(), size));
  return out;
}

}  // namespace callslip
