// XlsRecords: the records of an Excel 5 to 2003 workbook (Microsoft, MS-XLS), and its strings.
//
// Belong to one thread; refer to bytes that must outlive them. Whatever the bytes say, nothing is
// read beyond their end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace callslip {

struct XlsRecord {
  std::uint16_t type = 0;
  std::string_view data;
};

class XlsRecords {
 public:
  XlsRecords(std::string_view stream, std::size_t at) : stream_(stream), at_(at) {}

  bool next(XlsRecord& record);

  /// The type of the record that next() would give; 0 at the end.
  std::uint16_t next_type() const;

 private:
  std::string_view stream_;
  std::size_t at_;
};

/// Reads text that goes on in CONTINUE records, in each of which it may change its width.
class XlsText {
 public:
  explicit XlsText(std::vector<std::string_view> pieces) : pieces_(std::move(pieces)) {}

  bool at_end() const { return piece_ >= pieces_.size(); }
  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  void skip(std::size_t bytes);

  /// Characters, the first of which is in the piece where the reader stands.
  std::string characters(std::size_t count, bool wide);

  /// XLUnicodeRichExtendedString: a shared string.
  std::string rich_string();

 private:
  std::size_t left() const { return at_end() ? 0 : pieces_[piece_].size() - at_; }
  void settle();

  std::vector<std::string_view> pieces_;
  std::size_t piece_ = 0;
  std::size_t at_ = 0;
};

}  // namespace callslip
