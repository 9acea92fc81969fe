#include "tools/question_words.h"

#include <unordered_set>

#include "index/analyzer.h"

namespace callslip {

bool is_question_term(const std::string& term) {
  static const std::unordered_set<std::string> words = [] {
    std::unordered_set<std::string> terms;
    for (const QueryTerm& word : query_terms(
             "what which who whom whose when where why how many much do does did is are was were "
             "be "
             "been being the a an of in on at to for from by with and or that this these those it "
             "its as has have had can could would should will may not into than then there "
             "что какой какая какое какие каких каком кто где куда когда почему зачем как сколько "
             "чем чего чему в на и с по из для от о об к у не это был была было были есть является "
             "哪個 哪个 哪里 哪裡 哪些 哪一 什么 什麼 為何 为何 如何 怎么 怎麼 怎样 怎樣 多少 何時 "
             "何时 为什 為什 是谁 是誰 是什 的 是 了 在 有 和 与 與 吗 嗎 呢 谁 誰 哪 何")) {
      terms.insert(word.term);
    }
    return terms;
  }();
  return words.contains(term);
}

}  // namespace callslip
