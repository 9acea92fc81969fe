#include "index/extract/helper/ocr.h"

#include <leptonica/allheaders.h>
#include <poppler-image.h>
#include <poppler-page-renderer.h>
#include <tesseract/baseapi.h>
#include <tesseract/ocrclass.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr double kResolution = 300;        // dots an inch: what tesseract was trained for
constexpr double kMostPixels = 60e6;       // of a page; larger ones get a lower resolution
constexpr int kMostMilliseconds = 45'000;  // of a page; a step may take 60 s
constexpr std::size_t kMostLanguages = 6;

/// All that are installed, English first: it is the fastest, and most documents have some.
std::string languages_of(const std::vector<std::string>& installed) {
  std::vector<std::string> chosen;
  for (const std::string& language : installed) {
    if (language != "osd" && language != "equ" && language.find('/') == std::string::npos) {
      chosen.push_back(language);
    }
  }
  std::stable_sort(chosen.begin(), chosen.end(), [](const std::string& a, const std::string& b) {
    return (a == "eng") > (b == "eng");
  });
  if (chosen.size() > kMostLanguages) chosen.resize(kMostLanguages);
  std::string joined;
  for (const std::string& language : chosen) joined += (joined.empty() ? "" : "+") + language;
  return joined;
}

Error no_languages() {
  return {ErrorKind::unavailable,
          "--ocr needs the data of tesseract (package tesseract-ocr and its languages)"};
}

}  // namespace

Ocr::Ocr() : api_(std::make_unique<tesseract::TessBaseAPI>()) {}

Ocr::~Ocr() = default;

Result<std::unique_ptr<Ocr>> Ocr::open() {
  std::unique_ptr<Ocr> ocr(new Ocr);
  // Lists what is installed even where this language is not.
  tesseract::TessBaseAPI probe;
  std::vector<std::string> installed;
  const bool english = probe.Init(nullptr, "eng", tesseract::OEM_LSTM_ONLY) == 0;
  probe.GetAvailableLanguagesAsVector(&installed);
  probe.End();
  const std::string languages = languages_of(installed);
  if (languages.empty() && !english) return no_languages();
  if (ocr->api_->Init(nullptr, languages.empty() ? "eng" : languages.c_str(),
                      tesseract::OEM_LSTM_ONLY) != 0) {
    return no_languages();
  }
  ocr->api_->SetVariable("debug_file", "/dev/null");
  return ocr;
}

std::string Ocr::read(const poppler::page& page) {
  const poppler::rectf size = page.page_rect();
  const double inches = (size.width() / 72) * (size.height() / 72);
  if (!(inches > 0)) return "";
  const double resolution = std::min(kResolution, std::sqrt(kMostPixels / inches));
  poppler::page_renderer renderer;
  renderer.set_image_format(poppler::image::format_gray8);
  const poppler::image image = renderer.render_page(&page, resolution, resolution);
  if (!image.is_valid()) return "";
  api_->SetImage(reinterpret_cast<const unsigned char*>(image.const_data()), image.width(),
                 image.height(), 1, image.bytes_per_row());
  api_->SetSourceResolution(static_cast<int>(resolution));
  tesseract::ETEXT_DESC monitor;
  monitor.set_deadline_msecs(kMostMilliseconds);
  if (api_->Recognize(&monitor) != 0) return "";
  const std::unique_ptr<char[]> text(api_->GetUTF8Text());
  api_->Clear();
  return text == nullptr ? "" : make_valid_utf8(text.get()).text;
}

}  // namespace callslip
