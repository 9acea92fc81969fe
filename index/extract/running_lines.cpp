#include "index/extract/running_lines.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace callslip {
namespace {

constexpr std::size_t kRows = 3;       // at the top and at the bottom that are looked at
constexpr double kZone = 0.12;         // of what the pages cover, at each edge
constexpr double kApart = 0.6;         // of a line's height, between them and the text
constexpr double kTitle = 1.4;         // times the usual height of a line: the title of a slide
constexpr std::size_t kPageOf = 12;    // bytes beside a page number that say no more than "Page of"
constexpr std::size_t kLongest = 200;  // bytes of a running line
constexpr double kSameHeight = 3.0;    // points
constexpr std::size_t kFewPages = 2;   // on as many a line says the same if it runs
constexpr std::size_t kNumberedPages = 3;  // on as many a number counts with the pages
constexpr std::size_t kNeighbours = 8;     // pages within which a line comes again
constexpr std::size_t kMostOfNumber = 999'999;

/// A line at the edge of a page.
struct Edge {
  std::size_t page = 0;
  std::size_t line = 0;
  double height = 0;
  std::string pattern;               // its text with `#` for numbers
  std::vector<std::size_t> numbers;  // as they stand in it
  bool runs = false;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The value of a small Roman number in lower case; 0 if it is none.
std::size_t roman(std::string_view word) {
  if (word.empty() || word.size() > 8) return 0;
  const auto value = [](char c) -> std::size_t {
    return c == 'i' ? 1 : c == 'v' ? 5 : c == 'x' ? 10 : c == 'l' ? 50 : c == 'c' ? 100 : 0;
  };
  std::size_t sum = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const std::size_t own = value(word[i]);
    if (own == 0) return 0;
    if (i + 1 < word.size() && value(word[i + 1]) > own) {
      sum -= own;
    } else {
      sum += own;
    }
  }
  return sum;
}

void read_pattern(std::string_view text, Edge& edge) {
  for (std::size_t i = 0; i < text.size();) {
    if (is_digit(text[i])) {
      std::size_t number = 0;
      for (; i < text.size() && is_digit(text[i]); ++i) {
        number = std::min(kMostOfNumber, number * 10 + static_cast<std::size_t>(text[i] - '0'));
      }
      edge.numbers.push_back(number);
      edge.pattern += '#';
    } else {
      if (text[i] != ' ' || !edge.pattern.ends_with(' ')) edge.pattern += text[i];
      ++i;
    }
  }
  if (const std::size_t number = roman(edge.pattern); number > 0) {
    edge.numbers.push_back(number);
    edge.pattern = "#";
  }
}

/// Letters and digits, without what differs between a heading and its copy.
std::string letters(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || (c >= 'a' && c <= 'z')) {
      out += c;
    } else if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c - 'A' + 'a');
    }
  }
  return out;
}

double usual_height(const std::vector<PageLine>& page) {
  if (page.empty()) return 0;
  std::vector<double> heights;
  heights.reserve(page.size());
  for (const PageLine& line : page) heights.push_back(line.bottom - line.top);
  const auto middle = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2);
  std::nth_element(heights.begin(), middle, heights.end());
  return *middle;
}

using Pages = std::vector<std::vector<PageLine>>;

/// One edge of all pages: their topmost lines, or those at the bottom.
class EdgeOfPages {
 public:
  EdgeOfPages(const Pages& pages, bool top) : pages_(pages), top_(top) {
    double least = std::numeric_limits<double>::max();
    double most = std::numeric_limits<double>::lowest();
    for (const auto& page : pages) {
      for (const PageLine& line : page) {
        least = std::min(least, line.top);
        most = std::max(most, line.bottom);
      }
    }
    for (const auto& page : pages) usual_.push_back(usual_height(page));
    zone_ = top ? least + kZone * (most - least) : most - kZone * (most - least);
  }

  /// The lines that run, as (page, line).
  std::set<std::pair<std::size_t, std::size_t>> running() {
    std::set<std::pair<std::size_t, std::size_t>> found;
    for (std::size_t row = 0; row < kRows; ++row) {  // from the edge inwards
      std::vector<Edge> edges = edges_without(found);
      mark_repeated(edges);
      mark_numbered(edges);
      const std::size_t before = found.size();
      for (const Edge& edge : edges) {
        if (edge.runs) found.emplace(edge.page, edge.line);
      }
      if (found.size() == before) break;
    }
    leave_text(found);
    return found;
  }

 private:
  /// Of each page what stands outermost when the lines that were found are gone.
  std::vector<Edge> edges_without(
      const std::set<std::pair<std::size_t, std::size_t>>& found) const {
    std::vector<Edge> edges;
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      const auto& lines = pages_[i];
      const auto gone = [&](std::size_t line) { return found.contains({i, line}); };
      std::size_t outermost = lines.size();
      for (std::size_t k = 0; k < lines.size(); ++k) {
        if (gone(k) || lines[k].text.empty()) continue;
        if (outermost == lines.size() || (top_ ? lines[k].top < lines[outermost].top
                                               : lines[k].bottom > lines[outermost].bottom)) {
          outermost = k;
        }
      }
      if (outermost == lines.size()) continue;
      for (std::size_t k = 0; k < lines.size(); ++k) {
        const bool beside =
            lines[k].top < lines[outermost].bottom && lines[k].bottom > lines[outermost].top;
        if (gone(k) || !beside || lines[k].text.size() > kLongest) continue;
        if (top_ ? lines[k].top > zone_ : lines[k].bottom < zone_) continue;
        if (lines[k].bottom - lines[k].top > kTitle * usual_[i]) continue;
        Edge edge{i, k, top_ ? lines[k].top : lines[k].bottom, "", {}, false};
        read_pattern(lines[k].text, edge);
        edges.push_back(std::move(edge));
      }
    }
    return edges;
  }

  /// What stands close to the text belongs to it.
  void leave_text(std::set<std::pair<std::size_t, std::size_t>>& found) const {
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      const auto& lines = pages_[i];
      for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t k = 0; k < lines.size(); ++k) {
          if (!found.contains({i, k})) continue;
          const double least = kApart * (lines[k].bottom - lines[k].top);
          for (std::size_t m = 0; m < lines.size(); ++m) {
            if (found.contains({i, m}) || lines[m].text.empty()) continue;
            const double apart =
                top_ ? lines[m].top - lines[k].bottom : lines[k].top - lines[m].bottom;
            if (apart >= least) continue;
            found.erase({i, k});
            changed = true;
            break;
          }
        }
      }
    }
  }

  /// Those that say the same on other pages near by.
  static void mark_repeated(std::vector<Edge>& edges) {
    std::map<std::string_view, std::vector<Edge*>> alike;
    for (Edge& edge : edges) alike[edge.pattern].push_back(&edge);
    for (auto& [pattern, group] : alike) {
      for (std::size_t k = 0; k + 1 < group.size(); ++k) {
        // `group` is ordered by page.
        for (std::size_t m = k + 1; m < group.size(); ++m) {
          if (group[m]->page > group[k]->page + kNeighbours) break;
          if (group[m]->page == group[k]->page) continue;
          if (std::abs(group[m]->height - group[k]->height) > kSameHeight) continue;
          if (!may_run(*group[k], *group[m])) continue;
          group[k]->runs = group[m]->runs = true;
        }
      }
    }
  }

  /// Bare numbers are those of pages only if they count with them; lists of names may repeat.
  static bool may_run(const Edge& a, const Edge& b) {
    if (a.numbers.empty()) return true;
    if (a.numbers == b.numbers) return true;
    for (std::size_t i = 0; i < std::min(a.numbers.size(), b.numbers.size()); ++i) {
      if (b.numbers[i] == a.numbers[i] + (b.page - a.page)) return true;
    }
    return false;
  }

  /// Those that begin or end with a number that counts with the pages, on most of them.
  void mark_numbered(std::vector<Edge>& edges) const {
    std::map<std::pair<std::ptrdiff_t, long>, std::vector<Edge*>> counting;
    for (Edge& edge : edges) {
      if (edge.numbers.empty() || edge.pattern.empty()) continue;
      std::set<std::ptrdiff_t> offsets;
      const auto offset = [&](std::size_t number) {
        return static_cast<std::ptrdiff_t>(number) - static_cast<std::ptrdiff_t>(edge.page);
      };
      if (edge.pattern.front() == '#') offsets.insert(offset(edge.numbers.front()));
      if (edge.pattern.back() == '#') offsets.insert(offset(edge.numbers.back()));
      for (const std::ptrdiff_t o : offsets) {
        counting[{o, std::lround(edge.height / (2 * kSameHeight))}].push_back(&edge);
      }
    }
    for (auto& [key, group] : counting) {
      const std::size_t spread = group.back()->page - group.front()->page + 1;
      if (group.size() < kNumberedPages || 2 * group.size() < std::min(spread, pages_.size())) {
        continue;
      }
      for (Edge* edge : group) edge->runs = true;
    }
  }

  const Pages& pages_;
  const bool top_;
  double zone_ = 0;            // the height that bounds it
  std::vector<double> usual_;  // height of a line, by page
};

}  // namespace

void remove_running_lines(Pages& pages) {
  if (pages.size() < kFewPages) return;
  auto running = EdgeOfPages(pages, true).running();
  running.merge(EdgeOfPages(pages, false).running());
  if (running.empty()) return;
  std::string all;  // what the pages say without them
  for (std::size_t i = 0; i < pages.size(); ++i) {
    for (std::size_t k = 0; k < pages[i].size(); ++k) {
      if (!running.contains({i, k})) all += letters(pages[i][k].text);
    }
  }
  if (all.empty()) return;  // there is nothing else
  std::set<std::string> said;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    std::vector<PageLine> kept;
    bool parted = false;  // a line that began a paragraph is gone
    for (std::size_t k = 0; k < pages[i].size(); ++k) {
      PageLine& line = pages[i][k];
      if (running.contains({i, k})) {
        const std::string says = letters(line.text);
        const bool number =
            roman(line.text) > 0 ||
            (says.size() <= kPageOf && std::any_of(line.text.begin(), line.text.end(), is_digit));
        if (says.empty() || number || !said.insert(says).second ||
            all.find(says) != std::string::npos) {
          parted = true;
          continue;
        }
      }
      line.begins_paragraph = line.begins_paragraph || (parted && !kept.empty());
      parted = false;
      kept.push_back(std::move(line));
    }
    pages[i] = std::move(kept);
  }
}

}  // namespace callslip
