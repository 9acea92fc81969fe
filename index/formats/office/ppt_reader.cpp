// PPT: PowerPoint 97 to 2003 (Microsoft, MS-PPT): slides in the presentation's order, each a part
// with its title as heading, and speaker's notes.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "index/formats/block_writer.h"
#include "index/formats/markdown_table.h"
#include "index/formats/office/compound_formats.h"

namespace callslip {
namespace {

enum Record : std::uint16_t {
  kDocument = 1000,
  kSlide = 1006,
  kNotes = 1008,
  kNotesAtom = 1009,
  kSlidePersist = 1011,
  kOutlineRef = 3998,
  kTextHeader = 3999,
  kTextChars = 4000,
  kTextBytes = 4008,
  kSlideList = 4080,
  kUserEdit = 4085,
  kPersistDirectory = 6002,
  kShapeGroup = 0xF003,
  kShape = 0xF004,
  kProperties = 0xF00B,
  kClientTextbox = 0xF00D,
  kChildAnchor = 0xF00F,
  kMoreProperties = 0xF122,
};

constexpr int deepest = 32;
constexpr std::size_t most_edits = 1000;
constexpr std::size_t most_slides = 100'000;

struct Atom {
  std::uint16_t type = 0;
  std::uint16_t instance = 0;
  bool container = false;
  std::string_view data;
};

/// Yields the records in a container's data.
class Atoms {
 public:
  explicit Atoms(std::string_view data) : data_(data) {}

  bool next(Atom& atom) {
    if (data_.size() < 8) return false;
    const std::uint16_t head = u16_at(data_, 0);
    atom.container = (head & 0xFU) == 0xFU;
    atom.instance = head >> 4;
    atom.type = u16_at(data_, 2);
    atom.data = data_.substr(8, u32_at(data_, 4));
    data_.remove_prefix(8 + atom.data.size());
    return true;
  }

 private:
  std::string_view data_;
};

struct Text {
  std::uint32_t kind = 4;  // 0 and 6: titles; 2: notes
  std::string text;
  std::optional<MarkdownTable> table;  // instead of the text
};

bool is_title(const Text& text) { return text.kind == 0 || text.kind == 6; }

std::string text_of(const Atom& atom) {
  std::string text;
  if (atom.type == kTextChars) {
    text = utf16_text(atom.data);
  } else {
    std::string wide;
    for (const char c : atom.data) {
      wide += c;
      wide += '\0';
    }
    text = utf16_text(wide);
  }
  std::replace(text.begin(), text.end(), '\r', '\n');
  std::replace(text.begin(), text.end(), '\v', '\n');
  return text;
}

std::string joined(const std::vector<Text>& texts) {
  std::string all;
  for (const Text& text : texts) all += (all.empty() ? "" : "\n") + text.text;
  return all;
}

/// Whether the first shape of a group says that the group is a table (MS-ODRAW, 2.3.4.37).
bool is_table(std::string_view group) {
  constexpr std::uint16_t table_properties = 0x039F;
  Atom shape;
  if (!Atoms(group).next(shape) || shape.type != kShape) return false;
  Atoms atoms(shape.data);
  for (Atom atom; atoms.next(atom);) {
    if (atom.type != kProperties && atom.type != kMoreProperties) continue;
    for (std::size_t i = 0; i < atom.instance && 6 * (i + 1) <= atom.data.size(); ++i) {
      const std::uint32_t value = u32_at(atom.data, 6 * i + 2);
      if (u16_at(atom.data, 6 * i) == table_properties && (value & 1U) != 0) return true;
    }
  }
  return false;
}

/// A table's cell: where its shape lies, and what it says.
struct TableCell {
  std::int32_t left = 0, top = 0, right = 0, bottom = 0;
  std::string text;
};

/// Cells as rows, by where they lie; what spans columns takes as many.
MarkdownTable table_of(std::vector<TableCell>& cells) {
  std::vector<std::int32_t> columns;
  for (const TableCell& cell : cells) columns.push_back(cell.left);
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  std::stable_sort(cells.begin(), cells.end(), [](const TableCell& a, const TableCell& b) {
    return a.top != b.top ? a.top < b.top : a.left < b.left;
  });
  constexpr std::size_t most_columns = 63;  // else not a table's grid
  const bool aligned = columns.size() <= most_columns;
  MarkdownTable table;
  std::size_t at = 0;  // the column that is next
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i == 0 || cells[i].top != cells[i - 1].top) {
      table.begin_row();
      at = 0;
    }
    const auto column = [&](std::int32_t x) {
      return static_cast<std::size_t>(std::lower_bound(columns.begin(), columns.end(), x) -
                                      columns.begin());
    };
    for (; aligned && at < column(cells[i].left); ++at) table.cell({});
    const std::size_t end = aligned ? std::max(column(cells[i].right), at + 1) : at + 1;
    table.cell(cells[i].text, static_cast<int>(end - at));
    at = end;
  }
  return table;
}

class PptReader {
 public:
  explicit PptReader(const CompoundFile& file)
      : file_(file), stream_(file.read("PowerPoint Document").value_or("")) {}

  Result<ParsedDocument> read() {
    const std::string user = file_.read("Current User").value_or("");
    if (u32_at(user, 12) == 0xF3D1C4DF) return encrypted_error();
    load_places(u32_at(user, 16));
    Atom document;
    if (!find_document(document)) return Error{ErrorKind::unsupported, "damaged PowerPoint file"};
    take_slides(document.data);
    std::uint32_t number = 0;
    for (const Slide& slide : slides_) write(slide, ++number);
    std::string title = compound_title(file_);
    if (title.empty()) title = out_.top_heading();
    return out_.finish("ppt", title);
  }

 private:
  struct Slide {
    std::uint32_t place = 0;  // its reference in the persist directory
    std::uint32_t id = 0;
    std::vector<Text> outline;
  };

  std::string_view record_at(std::size_t offset) const {
    return offset < stream_.size() ? std::string_view(stream_).substr(offset) : std::string_view();
  }

  /// Where things lie, by the edits from the newest to the oldest.
  void load_places(std::uint32_t edit) {
    for (std::size_t i = 0; i < most_edits && edit != 0; ++i) {
      Atom atom;
      if (!Atoms(record_at(edit)).next(atom) || atom.type != kUserEdit) return;
      document_place_ = document_place_ == 0 ? u32_at(atom.data, 16) : document_place_;
      Atom directory;
      if (Atoms(record_at(u32_at(atom.data, 12))).next(directory) &&
          directory.type == kPersistDirectory) {
        take_directory(directory.data);
      }
      const std::uint32_t before = u32_at(atom.data, 8);
      if (before >= edit) return;
      edit = before;
    }
  }

  void take_directory(std::string_view data) {
    for (std::size_t at = 0; at + 4 <= data.size();) {
      const std::uint32_t head = u32_at(data, at);
      const std::uint32_t first = head & 0xFFFFFU;
      const std::uint32_t count = head >> 20;
      at += 4;
      for (std::uint32_t i = 0; i < count && at + 4 <= data.size(); ++i, at += 4) {
        places_.try_emplace(first + i, u32_at(data, at));
      }
    }
  }

  bool record_of(std::uint32_t place, Atom& atom) const {
    const auto found = places_.find(place);
    return found != places_.end() && Atoms(record_at(found->second)).next(atom);
  }

  bool find_document(Atom& document) const {
    if (record_of(document_place_, document) && document.type == kDocument) return true;
    Atoms all(stream_);  // the directory is damaged: the first one there is
    while (all.next(document)) {
      if (document.type == kDocument) return true;
    }
    return false;
  }

  void take_slides(std::string_view document) {
    Atoms atoms(document);
    for (Atom atom; atoms.next(atom);) {
      if (atom.type != kSlideList) continue;
      if (atom.instance == 0) slides_ = list(atom.data);
      if (atom.instance == 2) {
        for (const Slide& notes : list(atom.data)) take_notes(notes);
      }
    }
  }

  static std::vector<Slide> list(std::string_view data) {
    std::vector<Slide> slides;
    std::uint32_t kind = 4;
    Atoms atoms(data);
    for (Atom atom; atoms.next(atom) && slides.size() < most_slides;) {
      if (atom.type == kSlidePersist) {
        slides.push_back({u32_at(atom.data, 0), u32_at(atom.data, 12), {}});
      } else if (slides.empty()) {
        continue;
      } else if (atom.type == kTextHeader) {
        kind = u32_at(atom.data, 0);
        slides.back().outline.push_back({kind, {}, {}});
      } else if (atom.type == kTextChars || atom.type == kTextBytes) {
        if (slides.back().outline.empty()) slides.back().outline.push_back({kind, {}, {}});
        slides.back().outline.back().text += text_of(atom);
      }
    }
    return slides;
  }

  void take_notes(const Slide& notes) {
    Atom container;
    if (!record_of(notes.place, container) || container.type != kNotes) return;
    std::uint32_t slide = 0;
    Atoms atoms(container.data);
    for (Atom atom; atoms.next(atom);) {
      if (atom.type == kNotesAtom) slide = u32_at(atom.data, 0);
    }
    std::vector<Text> texts;
    collect(container.data, notes.outline, texts, 0);
    for (const Text& text : texts) {
      if (text.kind != 2) continue;  // others are numbers and dates
      std::string& all = notes_[slide];
      all += (all.empty() ? "" : "\n") + text.text;
    }
  }

  /// The texts of the shapes, in the order in which they were drawn.
  void collect(std::string_view data, const std::vector<Text>& outline, std::vector<Text>& texts,
               int depth) const {
    Atoms atoms(data);
    for (Atom atom; atoms.next(atom);) {
      if (atom.type == kClientTextbox) {
        take_box(atom.data, outline, texts);
      } else if (atom.type == kShapeGroup && is_table(atom.data)) {
        take_table(atom.data, outline, texts);
      } else if (atom.container && depth < deepest) {
        collect(atom.data, outline, texts, depth + 1);
      }
    }
  }

  static void take_table(std::string_view group, const std::vector<Text>& outline,
                         std::vector<Text>& texts) {
    std::vector<TableCell> cells;
    Atoms shapes(group);
    for (Atom shape; shapes.next(shape);) {
      if (shape.type != kShape) continue;
      TableCell cell;
      std::vector<Text> inner;
      Atoms atoms(shape.data);
      for (Atom atom; atoms.next(atom);) {
        if (atom.type == kClientTextbox) take_box(atom.data, outline, inner);
        if (atom.type != kChildAnchor) continue;
        cell.left = static_cast<std::int32_t>(u32_at(atom.data, 0));
        cell.top = static_cast<std::int32_t>(u32_at(atom.data, 4));
        cell.right = static_cast<std::int32_t>(u32_at(atom.data, 8));
        cell.bottom = static_cast<std::int32_t>(u32_at(atom.data, 12));
      }
      cell.text = joined(inner);
      // Borders are lines, which have no width or no height.
      if (cell.right > cell.left && cell.bottom > cell.top) cells.push_back(std::move(cell));
    }
    if (!cells.empty()) texts.push_back({4, {}, table_of(cells)});
  }

  static void take_box(std::string_view data, const std::vector<Text>& outline,
                       std::vector<Text>& texts) {
    std::uint32_t kind = 4;
    Atoms atoms(data);
    for (Atom atom; atoms.next(atom);) {
      if (atom.type == kTextHeader) {
        kind = u32_at(atom.data, 0);
      } else if (atom.type == kOutlineRef) {
        const std::uint32_t index = u32_at(atom.data, 0);
        if (index < outline.size()) texts.push_back(outline[index]);
      } else if (atom.type == kTextChars || atom.type == kTextBytes) {
        texts.push_back({kind, text_of(atom), {}});
      }
    }
  }

  void write(const Slide& slide, std::uint32_t number) {
    out_.part(PartKind::slide, number);
    std::vector<Text> texts;
    Atom container;
    if (record_of(slide.place, container) && container.type == kSlide) {
      collect(container.data, slide.outline, texts, 0);
    }
    // What the outline has and no shape refers to is shown nowhere else.
    if (texts.empty()) texts = slide.outline;
    auto title = std::find_if(texts.begin(), texts.end(), [](const Text& text) {
      return is_title(text) && !clean_line(text.text).empty();
    });
    if (title != texts.end()) {
      out_.heading(1, title->text);
      texts.erase(title);
    } else {
      out_.context(1, "Slide " + std::to_string(number));
    }
    for (const Text& text : texts) {
      if (text.table) {
        write_table(*text.table);
        continue;
      }
      const std::string block = clean_block(text.text);
      if (block != "*") out_.paragraph(block);  // a field: number, date
    }
    const auto notes = notes_.find(slide.id);
    if (notes != notes_.end() && !clean_block(notes->second).empty()) {
      out_.paragraph("Notes:\n" + notes->second);
    }
  }

  void write_table(const MarkdownTable& table) {
    if (const std::string* only = table.only_cell()) {
      out_.paragraph(*only);
    } else {
      out_.table(table);
    }
  }

  const CompoundFile& file_;
  std::string stream_;
  std::uint32_t document_place_ = 0;
  std::map<std::uint32_t, std::uint32_t> places_;
  std::vector<Slide> slides_;
  std::map<std::uint32_t, std::string> notes_;  // by slide
  BlockWriter out_;
};

}  // namespace

Result<ParsedDocument> read_ppt(const CompoundFile& file) { return PptReader(file).read(); }

}  // namespace callslip
