// PDF, by poppler: the text of each page in reading order, its pages, its outline.
#include <poppler-document.h>
#include <poppler-page.h>
#include <poppler-toc.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "index/extract/helper/ocr.h"
#include "index/extract/helper/pdf_outline.h"
#include "index/extract/helper/pdf_page.h"
#include "index/extract/helper/step_counter.h"
#include "index/extract/parse_reasons.h"
#include "index/extract/pdf_headings.h"
#include "index/extract/running_lines.h"
#include "index/formats/isolated_parsers.h"
#include "index/formats/text_document.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr int kMostPages = 100'000;
constexpr std::size_t kHardlyAnyText = 32;  // bytes: a stamp on a scanned page, a page number
constexpr double kSomeInk = 0.004;          // of a page without text: there is something on it
constexpr double kMuchInk = 0.02;           // of a page with hardly any: it is not all of it

std::string utf8_of(const poppler::ustring& text) {
  const poppler::byte_array bytes = text.to_utf8();
  return make_valid_utf8(std::string(bytes.begin(), bytes.end())).text;
}

/// What the document calls itself, where a person, not a program, may have written it.
std::string title_of(const poppler::document& pdf) {
  std::string title = clean_heading(utf8_of(pdf.get_title()));
  constexpr std::string_view kWord = "Microsoft Word - ";
  if (title.starts_with(kWord)) title.erase(0, kWord.size());
  const std::string lower = ascii_lower(title);
  for (const std::string_view junk :
       {"untitled", "title", "powerpoint presentation", "document1"}) {
    if (lower == junk) return "";
  }
  return title;
}

struct OpenPdf {
  std::unique_ptr<poppler::document> document;
  std::string password;
};

Result<OpenPdf> open_pdf(const std::string& bytes, const ParseOptions& options) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return Error{ErrorKind::unsupported, "larger than 2 GiB"};
  }
  OpenPdf open;
  open.document.reset(
      poppler::document::load_from_raw_data(bytes.data(), static_cast<int>(bytes.size())));
  if (!open.document) {
    return Error{ErrorKind::unsupported, bytes.find("%PDF-") == std::string::npos
                                             ? "damaged PDF: it does not begin like one"
                                             : "damaged PDF: it has no pages that can be found"};
  }
  if (!open.document->is_locked()) return open;
  for (const std::string& password : options.passwords) {
    if (!open.document->unlock(password, password)) {
      open.password = password;
      return open;
    }
  }
  return encrypted_error(!options.passwords.empty());
}

/// "4, 7-9, 12, ...": the numbers of pages.
std::string ranges(const std::vector<std::uint32_t>& numbers) {
  constexpr std::size_t kNamed = 12;
  std::string text;
  std::size_t named = 0;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    if (++named > kNamed) return text + ", ...";
    text += (text.empty() ? "" : ", ") + std::to_string(numbers[i]);
    if (last > i) text += "-" + std::to_string(numbers[last]);
    i = last + 1;
  }
  return text;
}

/// Whether the text of the next page goes on with the sentence.
bool sentence_goes_on(std::string_view text, std::string_view next) {
  const std::size_t end = text.find_last_not_of(" \n");
  if (end == std::string_view::npos || next.empty()) return false;
  const char last = text[end];
  return next.front() >= 'a' && next.front() <= 'z' && last != '.' && last != '!' && last != '?' &&
         last != ':';
}

/// One parse of one file.
class PdfReading {
 public:
  PdfReading(const poppler::document& pdf, const ParseOptions& options)
      : pdf_(pdf), options_(options) {
    document_.type = "pdf";
    document_.extracted = true;
    document_.title = title_of(pdf);
  }

  void read_pages() {
    count_ = static_cast<std::uint32_t>(std::clamp(pdf_.pages(), 0, kMostPages));
    std::vector<std::vector<PageLine>> pages(count_);
    PageGutters gutters;
    std::map<std::uint32_t, std::string> recognised;  // by place in `pages`
    for (std::uint32_t i = 0; i < count_; ++i) {
      const std::unique_ptr<poppler::page> page(pdf_.create_page(static_cast<int>(i)));
      if (!page) {
        damaged_.push_back(i + 1);
        continue;
      }
      pages[i] = lines_of(*page, gutters);
      std::string text = text_of_lines(pages[i]);
      if (text.size() < kHardlyAnyText && is_picture(*page, text)) {
        recognised[i] = text_of_picture(*page, i + 1, std::move(text));
      }
    }
    remove_running_lines(pages);
    for (std::uint32_t i = 0; i < count_; ++i) {
      const auto picture = recognised.find(i);
      add_page(i + 1, picture != recognised.end() ? picture->second : text_of_lines(pages[i]));
    }
  }

  void add_outline(const std::vector<OutlineEntry>& outline) {
    std::vector<WantedHeading> wanted;
    wanted.reserve(outline.size());
    for (const OutlineEntry& entry : outline) {
      wanted.push_back({entry.title, entry.level, entry.page});
    }
    document_.headings = place_headings(document_.text, document_.parts, wanted);
  }

  Status finish(const Parser::Sink& sink) {
    const bool nothing = document_.text.find_first_not_of(" \n") == std::string::npos;
    if (!nothing) {
      document_.lossy = document_.text.find(utf8_replacement) != std::string::npos;
      if (Status s = sink(std::move(document_)); !s) return s;
    }
    std::string problem;
    const auto add = [&](const std::string& text) {
      problem += (problem.empty() ? "" : "; ") + text;
    };
    if (!ocr_problem_.empty()) add(ocr_problem_);
    if (!pictures_.empty()) {
      const bool all = pictures_.size() == count_;
      add((count_ == 1 ? "scanned: its only page is a picture"
           : all       ? "scanned: all " + std::to_string(count_) + " pages are pictures"
                       : std::to_string(pictures_.size()) + " of " + std::to_string(count_) +
                       " pages are pictures without text (" + ranges(pictures_) + ")") +
          (options_.ocr ? ", and no text was recognised in them"
                        : "; --ocr reads such pages, where tesseract is installed"));
    }
    if (!damaged_.empty()) add("damaged PDF: pages " + ranges(damaged_) + " cannot be read");
    if (nothing && problem.empty()) add("there is no text in it");
    if (problem.empty()) return {};
    return Error{ErrorKind::unsupported, std::move(problem)};
  }

 private:
  void add_page(std::uint32_t number, const std::string& text) {
    std::string& all = document_.text;
    if (!all.empty() && !text.empty() && !sentence_goes_on(all, text)) all += '\n';
    document_.parts.push_back({all.size(), PartKind::page, number, ""});
    all += text;
  }

  /// Whether OCR may find text on the page that the file does not have.
  bool is_picture(const poppler::page& page, const std::string& text) const {
    if (text.empty()) return ink_of(page) >= kSomeInk;
    return options_.ocr && ink_of(page) >= kMuchInk;
  }

  std::string text_of_picture(const poppler::page& page, std::uint32_t number, std::string text) {
    std::string recognised;
    if (options_.ocr && ocr_problem_.empty()) {
      if (!ocr_) {
        auto opened = Ocr::open();
        if (opened) {
          ocr_ = std::move(opened).value();
        } else {
          ocr_problem_ = opened.error().message;
        }
      }
      StepCounter::instance().still_here();
      if (ocr_) recognised = ocr_->read(page);
      StepCounter::instance().still_here();
    }
    if (recognised.find_first_not_of(" \n\f") == std::string::npos) {
      if (text.empty()) pictures_.push_back(number);
      return text;
    }
    std::erase(recognised, '\f');
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    text += recognised;
    if (!text.ends_with('\n')) text += '\n';
    return text;
  }

  const poppler::document& pdf_;
  const ParseOptions& options_;
  ParsedDocument document_;
  std::uint32_t count_ = 0;
  std::vector<std::uint32_t> pictures_;  // without text, by number
  std::vector<std::uint32_t> damaged_;
  std::unique_ptr<Ocr> ocr_;
  std::string ocr_problem_;
};

}  // namespace

// NOLINTNEXTLINE(performance-unnecessary-value-param): as all of them take it
Status parse_pdf(std::string_view, std::string bytes, const ParseOptions& options,
                 const Parser::Sink& sink) {
  const auto open = open_pdf(bytes, options);
  if (!open) return open.error();
  PdfReading reading(*open->document, options);
  reading.read_pages();
  const std::unique_ptr<poppler::toc> outline(open->document->create_toc());
  if (outline) reading.add_outline(read_outline(bytes, open->password));
  return reading.finish(sink);
}

}  // namespace callslip
