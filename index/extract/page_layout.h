// PageLayout: the words of a page, as a PDF has them, to lines of text.
//
// The words come in reading order, column by column, from the library that found them. What that
// order breaks are tables, whose cells it reads column by column: here the pieces of text that
// stand side by side become one line again, unless they are lines of columns of prose.
// Right-to-left text is put from the order of the eye into that of reading (Unicode's bidirectional
// algorithm, inverted by ICU).
//
// Pure functions: any thread. Units are points, y grows downwards.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace callslip {

struct PageWord {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
  double size = 0;  // of the font
  bool space_after = false;
  bool upright = true;  // false: turned by 90, 180 or 270 degrees
  std::u16string text;  // from left to right as it stands on the page
};

/// One line of a page: UTF-8, without its line end.
struct PageLine {
  std::string text;
  double top = 0;
  double bottom = 0;
  bool begins_paragraph = false;  // or something else; never the page's first
};

/// How many words are of right-to-left scripts, and how many of others.
struct WordDirections {
  std::size_t from_right = 0;
  std::size_t from_left = 0;
};

/// Where the last pages of a document had the space between their two columns: a page of listings
/// and lists does not show by itself that it has columns, nor which is read first. Not for several
/// threads.
class PageGutters {
 public:
  void remember(double place);
  /// The latest first.
  const std::vector<double>& places() const { return places_; }
  void saw(const WordDirections& words);
  /// Of all pages so far.
  const WordDirections& words() const { return words_; }

 private:
  std::vector<double> places_;
  WordDirections words_;
};

/// The lines of a page in reading order. `gutters`, if given, is that of the document.
std::vector<PageLine> lines_of_page(const std::vector<PageWord>& words,
                                    PageGutters* gutters = nullptr);

/// The lines as a text; a blank line where a paragraph, or something else, begins. Ends with a line
/// end unless it is empty.
std::string text_of_lines(const std::vector<PageLine>& lines);

/// Both in one.
std::string lay_out_page(const std::vector<PageWord>& words);

}  // namespace callslip
