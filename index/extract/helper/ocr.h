// Ocr: the text of a page that is a picture, by tesseract.
//
// One thread; one for a process, since its models take a second to load.
#pragma once

#include <poppler-page.h>

#include <memory>
#include <string>

#include "index/result.h"

namespace tesseract {
class TessBaseAPI;
}

namespace callslip {

class Ocr {
 public:
  /// With the languages that are installed. ErrorKind::unavailable where there is none.
  static Result<std::unique_ptr<Ocr>> open();
  ~Ocr();
  Ocr(const Ocr&) = delete;
  Ocr& operator=(const Ocr&) = delete;

  /// UTF-8, in lines; what took too long is missing from its end.
  std::string read(const poppler::page& page);

 private:
  Ocr();
  std::unique_ptr<tesseract::TessBaseAPI> api_;
};

}  // namespace callslip
