#include "tools/snippet.h"

#include <cstddef>
#include <string_view>
#include <utility>

namespace callslip {
namespace {

constexpr std::size_t kSnippetBytes = 320;

}  // namespace

ByteSpan Snippets::of(const std::string& text, TextKind kind) {
  if (!scorer_) {
    auto weighted = weigh_question(snapshot_, words_);
    if (weighted) question_ = std::move(weighted).value();
    scorer_.emplace(question_);
  }
  const auto sentences = split_sentences(text, kind);
  if (sentences.empty()) return {0, 0};
  std::size_t best = 0;
  double best_weight = -1;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    const auto sentence =
        std::string_view(text).substr(sentences[i].start, sentences[i].end - sentences[i].start);
    const double weight = scorer_->weight_of(scorer_->terms_in(sentence));
    if (weight > best_weight) {
      best = i;
      best_weight = weight;
    }
  }
  ByteSpan span = sentences[best];
  for (std::size_t i = best + 1; i < sentences.size(); ++i) {
    if (sentences[i].end - span.start > kSnippetBytes) break;
    span.end = sentences[i].end;
  }
  return span;
}

}  // namespace callslip
