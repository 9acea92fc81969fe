#include "index/language/light_stemmer.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace callslip {
namespace {

struct Endings {
  Language language;
  std::size_t least_letters;  // that a stem keeps
  std::string_view endings;
};

constexpr Endings tables[] = {
    {Language::bg, 3,
     "овете ията иите ищата ета ите ата ото ето ове ища ия ят ът та то те ий и а е о я"},
    {Language::cs, 3,
     "atech ětem etem atům ého ěmi emi ému ete eti iho ího ími imu ách ata aty ých ama ami ové "
     "ovi ými ech ich ích em es ém ím ům at ám os us ým mi ou e i í ě u y ů o a é á ý"},
    {Language::el, 3,
     "ματων ματος ουμε ματα ιους ειτε ουνε ους ουν εις εων εως ιου ιων ετε αμε ανε ιες ων ου ος "
     "ες ης ας οι ει ια ιο ην ον αν ω η α ο ι υ ε"},
    {Language::hi, 2,
     "ाएंगी ाएंगे ाऊंगी ाऊंगा ाएगी ाएगा ाओगी ाओगे एंगी ेंगी एंगे ेंगे ूंगी ूंगा ातीं नाओं नाएं ताओं "
     "ताएं ियाँ ियों ियां ाकर ाइए ाईं ाया ेगी ेगा ोगी ोगे ाने ाना ाते ाती ाता तीं ाओं ाएं ुओं ुएं ुआं "
     "कर ाओ िए ाई ाए ने नी ना ते ीं ती ता ाँ ां ों ें ो े ू ु ी ि ा"},
    {Language::hr, 3,
     "ovima evima ijama ovi evi ima ama iju ija ije oga ega omu emu oj om em im ih og eg ov ev a e "
     "i o u"},
    {Language::pl, 3,
     "iego iemu iach iami owie ach ami owi iem ego emu ych ich ymi imi iej iom ów om em ie ym im "
     "ej ią ię ia io iu ą ę y i e a o u"},
    {Language::sk, 3,
     "ovia ovi och ami ach iam ého ému ých ými ách iach imi ich om ou ov em ej ým ím ám e i í u y "
     "o a é á ý"},
    {Language::uk, 3,
     "ового овому ості істю ові еві ами ями ого ього ому ьому ими іми ою ею єю ах ях ів їв ий ій "
     "их іх ам ям ом ем єм а я у ю і ї е є о и й ь"},
};

struct Table {
  std::size_t least_letters = 0;
  std::vector<std::string_view> endings;  // the longest first
};

const Table* table_of(Language language) {
  static const std::map<Language, Table> all = [] {
    std::map<Language, Table> made;
    for (const Endings& row : tables) {
      Table& table = made[row.language];
      table.least_letters = row.least_letters;
      for (std::size_t pos = 0; pos < row.endings.size();) {
        const std::size_t end = std::min(row.endings.find(' ', pos), row.endings.size());
        table.endings.push_back(row.endings.substr(pos, end - pos));
        pos = end + 1;
      }
      std::stable_sort(table.endings.begin(), table.endings.end(),
                       [](auto a, auto b) { return a.size() > b.size(); });
    }
    return made;
  }();
  const auto found = all.find(language);
  return found == all.end() ? nullptr : &found->second;
}

std::size_t letters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

bool has_light_stemmer(Language language) { return table_of(language) != nullptr; }

std::string_view light_stem(std::string_view word, Language language) {
  const Table* table = table_of(language);
  if (table == nullptr) return word;
  for (const std::string_view ending : table->endings) {
    if (!word.ends_with(ending)) continue;
    const std::string_view stem = word.substr(0, word.size() - ending.size());
    if (letters_of(stem) >= table->least_letters) return stem;
  }
  return word;
}

}  // namespace callslip
