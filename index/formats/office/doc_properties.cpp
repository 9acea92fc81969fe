#include "index/formats/office/doc_properties.h"

#include <algorithm>

#include "index/formats/office/compound_file.h"

namespace callslip {
namespace {

constexpr std::size_t page_size = 512;
constexpr std::size_t most_pages = 100'000;

std::string_view slice(std::string_view bytes, std::size_t at, std::size_t size) {
  return at < bytes.size() ? bytes.substr(at, size) : std::string_view();
}

/// The size of a property's operand (MS-DOC 2.2.5.1).
std::size_t operand_size(std::uint16_t property, std::string_view operand) {
  switch (property >> 13) {
    case 0:
    case 1:
      return 1;
    case 2:
    case 4:
    case 5:
      return 2;
    case 3:
      return 4;
    case 7:
      return 3;
    default: {
      const std::size_t size = operand.empty() ? 0 : static_cast<unsigned char>(operand[0]);
      if (property == 0xD608) return u16_at(operand, 0) + std::size_t{1};  // sprmTDefTable
      return size + 1;
    }
  }
}

template <class Take>
void each_property(std::string_view list, Take take) {
  while (list.size() >= 3) {
    const std::uint16_t property = u16_at(list, 0);
    list.remove_prefix(2);
    const std::size_t size = std::min(operand_size(property, list), list.size());
    take(property, list.substr(0, size));
    list.remove_prefix(size);
  }
}

/// The pages that a list of n + 1 offsets and n page numbers names.
template <class Take>
void each_page(std::string_view document, std::string_view list, Take take) {
  if (list.size() < 8) return;
  const std::size_t count = std::min((list.size() - 4) / 8, most_pages);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t number = u32_at(list, 4 * (count + 1) + 4 * i) & 0x3FFFFFU;
    const std::string_view page = slice(document, number * page_size, page_size);
    if (page.size() == page_size) take(page);
  }
}

bool is_set(std::string_view operand) { return !operand.empty() && operand[0] != 0; }

}  // namespace

DocProperties::DocProperties(std::string_view document, std::string_view table) {
  load_characters(document, slice(table, u32_at(document, 0xFA), u32_at(document, 0xFE)));
  load_paragraphs(document, slice(table, u32_at(document, 0x102), u32_at(document, 0x106)));
}

void DocProperties::load_characters(std::string_view document, std::string_view list) {
  each_page(document, list, [&](std::string_view page) {
    const std::size_t runs = static_cast<unsigned char>(page[511]);
    for (std::size_t i = 0; i < runs && 4 * (runs + 1) + i < page_size; ++i) {
      const std::size_t place =
          2 * static_cast<std::size_t>(static_cast<unsigned char>(page[4 * (runs + 1) + i]));
      bool hidden = false;
      if (place > 0 && place < page_size) {
        const std::string_view properties =
            slice(page, place + 1, static_cast<unsigned char>(page[place]));
        each_property(properties, [&](std::uint16_t property, std::string_view operand) {
          // sprmCFRMarkDel, sprmCFVanish
          if (property == 0x0800 || property == 0x083C) hidden = hidden || is_set(operand);
        });
      }
      hidden_[u32_at(page, 4 * i)] = hidden;
      hidden_.try_emplace(u32_at(page, 4 * (i + 1)), false);
    }
  });
}

void DocProperties::load_paragraphs(std::string_view document, std::string_view list) {
  each_page(document, list, [&](std::string_view page) {
    const std::size_t runs = static_cast<unsigned char>(page[511]);
    for (std::size_t i = 0; i < runs && 4 * (runs + 1) + 13 * i < page_size; ++i) {
      std::size_t place =
          2 * static_cast<std::size_t>(static_cast<unsigned char>(page[4 * (runs + 1) + 13 * i]));
      Paragraph paragraph;
      if (place > 0 && place + 2 < page_size) {
        std::size_t size = 2 * static_cast<std::size_t>(static_cast<unsigned char>(page[place]));
        ++place;
        if (size == 0) {
          size = 2 * static_cast<std::size_t>(static_cast<unsigned char>(page[place])) + 1;
          ++place;
        }
        const std::string_view properties = slice(page, place, size - 1);
        paragraph.style = u16_at(properties, 0);
        each_property(slice(properties, 2, properties.size()),
                      [&](std::uint16_t property, std::string_view operand) {
                        if (property == 0x2416) paragraph.in_table = is_set(operand);
                        if (property == 0x2417) paragraph.ends_row = is_set(operand);
                        if (property == 0x2640 && !operand.empty()) paragraph.outline = operand[0];
                      });
      }
      paragraphs_[u32_at(page, 4 * i)] = paragraph;
    }
  });
}

bool DocProperties::is_hidden(std::uint32_t offset) const {
  const auto after = hidden_.upper_bound(offset);
  return after != hidden_.begin() && std::prev(after)->second;
}

DocProperties::Paragraph DocProperties::paragraph(std::uint32_t offset) const {
  const auto after = paragraphs_.upper_bound(offset);
  return after == paragraphs_.begin() ? Paragraph() : std::prev(after)->second;
}

}  // namespace callslip
