#include "index/formats/office/xls_records.h"

#include <algorithm>

#include "index/formats/office/compound_file.h"

namespace callslip {

bool XlsRecords::next(XlsRecord& record) {
  if (at_ + 4 > stream_.size()) return false;
  record.type = u16_at(stream_, at_);
  record.data = stream_.substr(at_ + 4, u16_at(stream_, at_ + 2));
  at_ += 4 + record.data.size();
  return true;
}

std::uint16_t XlsRecords::next_type() const { return u16_at(stream_, at_); }

void XlsText::settle() {
  while (!at_end() && at_ >= pieces_[piece_].size()) {
    ++piece_;
    at_ = 0;
  }
}

std::uint8_t XlsText::u8() {
  settle();
  return at_end() ? 0 : static_cast<std::uint8_t>(pieces_[piece_][at_++]);
}

std::uint16_t XlsText::u16() {
  const std::uint16_t low = u8();
  return static_cast<std::uint16_t>(low | u8() << 8);
}

std::uint32_t XlsText::u32() {
  const std::uint32_t low = u16();
  return low | static_cast<std::uint32_t>(u16()) << 16;
}

void XlsText::skip(std::size_t bytes) {
  while (bytes > 0) {
    settle();
    if (at_end()) return;
    const std::size_t step = std::min(bytes, left());
    at_ += step;
    bytes -= step;
  }
}

std::string XlsText::characters(std::size_t count, bool wide) {
  std::string units;  // UTF-16LE
  while (count > 0 && !at_end()) {
    if (left() == 0) {
      settle();
      if (at_end()) break;
      wide = (u8() & 1U) != 0;  // each piece says anew how wide its characters are
      continue;
    }
    const std::size_t step = std::min(count, wide ? left() / 2 : left());
    if (step == 0) {  // half a character
      at_ = pieces_[piece_].size();
      continue;
    }
    const std::string_view part = pieces_[piece_].substr(at_, wide ? 2 * step : step);
    if (wide) {
      units += part;
    } else {
      for (const char c : part) {
        units += c;
        units += '\0';
      }
    }
    at_ += part.size();
    count -= step;
  }
  return utf16_text(units);
}

std::string XlsText::rich_string() {
  const std::size_t count = u16();
  const std::uint8_t flags = u8();
  const std::size_t runs = (flags & 8U) != 0 ? u16() : 0;
  const std::size_t extra = (flags & 4U) != 0 ? u32() : 0;
  std::string text = characters(count, (flags & 1U) != 0);
  skip(4 * runs + extra);
  return text;
}

}  // namespace callslip
