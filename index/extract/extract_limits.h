// ExtractLimits: what the parse of one file may take, in callslip-extract.
#pragma once

#include <chrono>
#include <cstdint>

namespace callslip {

struct ExtractLimits {
  std::uint64_t memory_bytes = 1ULL << 30;  // of address space, beside what the program itself has
  /// Of wall-clock time, for a file, a member of an archive, or a page that is read by OCR.
  std::chrono::milliseconds step{60'000};
  std::chrono::milliseconds total{600'000};        // for a file with all its steps
  std::chrono::milliseconds ocr_total{7'200'000};  // the same with ParseOptions::ocr
  std::uint64_t output_bytes = 512ULL << 20;       // of what is extracted from one file
};

}  // namespace callslip
