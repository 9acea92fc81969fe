#include "index/tokens/split_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace callslip {
namespace {

// White space spelled out as Unicode's White_Space: PCRE2's \s also holds U+180E, which these
// vocabularies' own regex engines do not.
#define CALLSLIP_SPACE "\\t-\\r\\x{85}\\p{Z}"
#define CALLSLIP_SPACES_END \
  "|[" CALLSLIP_SPACE       \
  "]*[\\r\\n]+"             \
  "|[" CALLSLIP_SPACE "]+(?![^" CALLSLIP_SPACE "])|[" CALLSLIP_SPACE "]+"
#define CALLSLIP_CONTRACTION "(?i:'s|'t|'re|'ve|'m|'ll|'d)"

constexpr const char* gpt2_pattern =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^" CALLSLIP_SPACE
    "\\p{L}\\p{N}]+"
    "|[" CALLSLIP_SPACE "]+(?![^" CALLSLIP_SPACE "])|[" CALLSLIP_SPACE "]+";

constexpr const char* cl100k_pattern = CALLSLIP_CONTRACTION
    "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
    "| ?[^" CALLSLIP_SPACE "\\p{L}\\p{N}]+[\\r\\n]*" CALLSLIP_SPACES_END;

constexpr const char* qwen_pattern = CALLSLIP_CONTRACTION
    "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
    "| ?[^" CALLSLIP_SPACE "\\p{L}\\p{N}]+[\\r\\n]*" CALLSLIP_SPACES_END;

#define CALLSLIP_UPPER "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define CALLSLIP_LOWER "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
constexpr const char* o200k_pattern =
    "[^\\r\\n\\p{L}\\p{N}]?" CALLSLIP_UPPER "*" CALLSLIP_LOWER "+" CALLSLIP_CONTRACTION
    "?"
    "|[^\\r\\n\\p{L}\\p{N}]?" CALLSLIP_UPPER "+" CALLSLIP_LOWER "*" CALLSLIP_CONTRACTION
    "?"
    "|\\p{N}{1,3}"
    "| ?[^" CALLSLIP_SPACE "\\p{L}\\p{N}]+[\\r\\n/]*" CALLSLIP_SPACES_END;

#undef CALLSLIP_SPACE
#undef CALLSLIP_SPACES_END
#undef CALLSLIP_CONTRACTION
#undef CALLSLIP_UPPER
#undef CALLSLIP_LOWER

}  // namespace

struct SplitPattern::Compiled {
  pcre2_code* code = nullptr;
  pcre2_match_context* context = nullptr;

  explicit Compiled(const char* pattern) {
    int error = 0;
    PCRE2_SIZE offset = 0;
    code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern), PCRE2_ZERO_TERMINATED,
                         PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED, &error, &offset, nullptr);
    context = pcre2_match_context_create(nullptr);
    if (code == nullptr || context == nullptr) {
      release();
      throw std::logic_error("split pattern: PCRE2 error " + std::to_string(error) + " at " +
                             std::to_string(offset));
    }
    // Without JIT the same pattern is interpreted: slower, not wrong.
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    // A run of a million letters is one piece; the default limit is for hostile patterns.
    pcre2_set_match_limit(context, UINT32_MAX);
  }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() { release(); }

  void release() {
    pcre2_match_context_free(context);
    pcre2_code_free(code);
  }
};

struct PieceReader::Match {
  pcre2_match_data* data;

  explicit Match(const pcre2_code* code)
      : data(pcre2_match_data_create_from_pattern(code, nullptr)) {
    if (data == nullptr) throw std::bad_alloc();
  }
  Match(const Match&) = delete;
  Match& operator=(const Match&) = delete;
  ~Match() { pcre2_match_data_free(data); }
};

SplitPattern::SplitPattern(const char* pattern, bool wants_nfc)
    : compiled_(std::make_unique<const Compiled>(pattern)), wants_nfc_(wants_nfc) {}
SplitPattern::SplitPattern(SplitPattern&&) noexcept = default;
SplitPattern& SplitPattern::operator=(SplitPattern&&) noexcept = default;
SplitPattern::~SplitPattern() = default;

SplitPattern SplitPattern::for_vocabulary_of(std::size_t tokens) {
  switch (tokens) {
    case 199998:
      return {o200k_pattern, false};
    case 151643:
      return {qwen_pattern, true};
    case 50280:
    case 50256:
      return {gpt2_pattern, false};
    default:
      return {cl100k_pattern, false};
  }
}

PieceReader::PieceReader(const SplitPattern& pattern, std::string_view text)
    : compiled_(*pattern.compiled_),
      text_(text),
      match_(std::make_unique<Match>(pattern.compiled_->code)) {}
PieceReader::~PieceReader() = default;

std::string_view PieceReader::next() {
  if (position_ >= text_.size()) return {};
  const std::size_t start = position_;
  const int found =
      pcre2_match(compiled_.code, reinterpret_cast<PCRE2_SPTR>(text_.data()), text_.size(), start,
                  PCRE2_NO_UTF_CHECK, match_->data, compiled_.context);
  if (found > 0) position_ = pcre2_get_ovector_pointer(match_->data)[1];
  if (position_ == start) {
    // The patterns match any character, so only a lack of memory leads here: go on by one.
    do {
      ++position_;
    } while (position_ < text_.size() && (static_cast<unsigned char>(text_[position_]) >> 6) == 2);
  }
  return text_.substr(start, position_ - start);
}

}  // namespace callslip
