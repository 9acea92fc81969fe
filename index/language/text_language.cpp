#include "index/language/text_language.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "index/text/utf8.h"
#include "index/text/utf8_steps.h"

namespace callslip {
namespace {

constexpr std::size_t max_bytes = 4096;
constexpr std::size_t longest_word = 40;  // bytes, of the tables
// A document is looked at in so many places, so much in each: the language of a title page or of a
// licence need not be that of what follows.
constexpr std::size_t sample_places = 4;
constexpr std::size_t sample_bytes = 512;

enum class Alphabet : std::uint8_t { latin, cyrillic, arabic, devanagari, own };

struct LanguageWords {
  std::string_view code;
  Alphabet alphabet;
  std::string_view letters;  // that its neighbours do not have
  std::string_view words;    // its most frequent ones, and its question words
};

constexpr LanguageWords languages[] = {
    {"en", Alphabet::latin, "",
     "the of and to in is that for it with as was on are be by this from or which not have an at "
     "you can if will has were their its been but they we what how why who where when whose does "
     "do did should would there these than into about them only just me us my your our they she he "
     "his "
     "her some any most more all no so such other between"},
    {"de", Alphabet::latin, "ß",
     "der die und das den von zu mit ist des im für nicht ein eine auf dem sich auch es werden als "
     "an wird aus bei sind einer oder wie nach einen eines zum zur kann wenn dass durch war haben "
     "was wer wo wann warum welche welcher welches wieviel hat noch nur über vor um bis in heißt "
     "heißen"},
    {"fr", Alphabet::latin, "œ",
     "le la les des et du de en est un une que qui dans pour pas sur au par avec ce il sont plus "
     "ne se ou vous aux cette être ces son sa nous elle mais si leur comme fait été où comment "
     "pourquoi quand quel quelle quels quelles quoi combien l d qu c s n j à"},
    {"es", Alphabet::latin, "ñ¿¡",
     "el la los las de del y que en un una es por con para se no al lo como más su este pero sus "
     "ser está son esta entre cuando muy sin sobre también fue ha hay qué cómo dónde cuándo quién "
     "cuál cuáles cuánto cuántos quiénes si o a"},
    {"it", Alphabet::latin, "",
     "il di che la e è un una in per del della con non si dei le sono gli da nel alla al più come "
     "anche delle questo i lo dal dalla nella ha essere stato ma degli su tra cosa cos ch chi dove "
     "quando "
     "perché quale quali quanto quanti l a o"},
    {"pt", Alphabet::latin, "ãõ",
     "o a os as de do da dos das e que em um uma para com não por se no na é mais ao como ou são "
     "foi pelo pela nos nas ser está seu sua também isso este esta quando muito qual quais quem "
     "onde porque quanto quantos"},
    {"nl", Alphabet::latin, "",
     "de het een en van in is dat op te zijn voor met niet aan die er om ook als bij door naar "
     "worden wordt deze of dit maar kan nog uit tot over hebben heeft werd wat hoe waarom wie waar "
     "wanneer welke hoeveel"},
    {"pl", Alphabet::latin, "łżśźćń",
     "w i na z do się nie jest to że o od po jak przez za są dla oraz lub który może jego przy tym "
     "a ale czy tego co być które która ze dlaczego kto gdzie kiedy ile jaki jaka jakie"},
    {"cs", Alphabet::latin, "řěů",
     "a v na je se že s z do to by pro jako není které jsou být při nebo ale také od tak aby může "
     "který si ve po za o jeho byl která co kdo kde kdy proč jak kolik jaký jaká jaké"},
    {"sv", Alphabet::latin, "",
     "och att det i en som är på för av med den till inte har de ett om var från kan eller vid så "
     "men ska vi han när efter också vad hur varför vem vilka vilken"},
    {"da", Alphabet::latin, "",
     "og at det i en er som på for af med den til ikke har de et om var fra kan eller ved så men "
     "blev efter også være mange nogle hvad hvordan hvorfor hvem hvilke af mig dig hvis kun skal "
     "bliver hver meget mere andre ud op skulle brug bruges dette denne disse sådan flere"},
    {"no", Alphabet::latin, "",
     "og å det i en er som på for av med den til ikke har de et om var fra kan eller ved så men "
     "ble etter også være mange noen hva hvordan hvorfor hvem hvilke av meg deg hvis bare skal "
     "blir hver mye mer andre ut opp skulle bruk brukes dette denne disse slik flere enn nå"},
    {"fi", Alphabet::latin, "",
     "ja on ei että se oli hän mutta ovat joka kuin myös niin sen tai olla kun mukaan sekä voi ole "
     "jos tämä jotka sitä hänen siitä mikä mitä miten miksi kuka missä milloin"},
    {"hu", Alphabet::latin, "őű",
     "a az és hogy nem is egy ez meg csak volt de van mint el már vagy lehet kell azt ha de között "
     "után majd mi miért hogyan ki hol mikor"},
    {"ro", Alphabet::latin, "ășțşţ",
     "și de în la cu o nu a care pe din un este să că mai pentru sunt fi au ca sau al ale fost "
     "prin dar ce cum cine unde când"},
    {"tr", Alphabet::latin, "ığş",
     "ve bir bu da de için ile olarak olan çok daha gibi ne kadar değil en olduğu veya var ise her "
     "sonra o nasıl neden kim nerede hangi kaç mi"},
    {"vi", Alphabet::latin, "ơưđạảấầẩậếềệịọốồộớờợụủứừựỹ",
     "và của là có không được trong cho một các người với những này đã khi từ cũng như để gì nào "
     "sao ai đâu"},
    {"id", Alphabet::latin, "",
     "yang dan di dengan untuk dari dalam ini itu tidak pada adalah akan ke oleh atau juga dapat "
     "sebagai bisa lebih karena telah apa bagaimana mengapa siapa kapan mana"},
    {"ca", Alphabet::latin, "",
     "els les amb que és del dels una per al als ha han aquest aquesta això també més però són "
     "pot quan com què qui on quin quina perquè després entre fins tot molt seva seu cada ser fer "
     "i el la de en a o no si es s l d"},
    {"eu", Alphabet::latin, "",
     "eta da ez bat du dira edo izan zen hau baina ere dute den ditu egin izango honek horrela "
     "arte gehiago zer nor non noiz nola zergatik zein bere beste bezala dituen duen daiteke"},
    {"ga", Alphabet::latin, "",
     "agus na an ar is tá bhí go ag leis sé sí mar ach le den don faoi gach nach raibh seo sin "
     "atá cad cé cén conas cathain cá cathair bhfuil chun ina idir iad"},
    {"lt", Alphabet::latin, "ėųįūę",
     "ir yra kad su iš į tai kaip bet ar buvo nuo apie gali jis jo dėl per kas kur kada kodėl "
     "kuris kuri kurie taip pat tik jei arba už prie prieš"},
    {"lv", Alphabet::latin, "āēīūņķļģ",
     "un ir no ar par kas ka tas bija to var bet kā vai arī pēc pie lai tika tā šis šī kur kad "
     "kāpēc kurš kura"},
    {"et", Alphabet::latin, "õ",
     "ja on ei see et oli kui ka või oma kes mis siis aga nii tema olid ning selle seda pole kuid "
     "kus millal miks kuidas"},
    {"hr", Alphabet::latin, "đ",
     "i je u na se da su za od s koji koja koje kao što ili nije bio bila može kako ali sve iz do "
     "te ako samo te također zbog gdje kada zašto tko ovaj ova ovo biti će prema između nakon"},
    {"sl", Alphabet::latin, "",
     "in je v na se da so za z s ki kot pa tudi ali ne bil bila lahko kako vse iz do če samo "
     "zaradi "
     "kje kdaj zakaj kdo ta to biti bo med po pri"},
    {"sk", Alphabet::latin, "ľĺŕô",
     "a v na je sa že s z do to by pre ako nie ktoré sú byť pri alebo ale tiež od tak aby môže "
     "ktorý si vo po za bol bola čo kto kde kedy prečo ako koľko aký"},
    {"ru", Alphabet::cyrillic, "ыэё",
     "и в не на что с по как это из к для но от или при если его она он быть был так же то у за "
     "я мы вы они все бы только может когда которые а о во со до их кто где почему какой какая "
     "какие сколько зачем куда есть были была является чем такое такой такая такие"},
    {"uk", Alphabet::cyrillic, "іїєґ",
     "і в не на що з та до як це для але від або за його при й у є які може бути він вона про із "
     "якщо був було коли чи хто де чому який яка скільки"},
    {"be", Alphabet::cyrillic, "ўі",
     "і ў не на што з да як гэта для але ад або па яго пры быць ён яна калі хто дзе чаму"},
    {"bg", Alphabet::cyrillic, "",
     "и на да се в за от не е с че по са като този или това но при до във която което които той бе "
     "съм със къде кога защо как кой каква какво"},
    {"sr", Alphabet::cyrillic, "јљњћђџ",
     "је и у да се на не за су од са као што или а то који која које био није би до из ко где када "
     "зашто како"},
    {"ar", Alphabet::arabic, "ةىأإ",
     "في من على إلى أن هذا التي الذي عن مع ما كان لا هذه هو أو قد و ذلك هي كل بعد غير بين متى أين "
     "كيف لماذا"},
    {"fa", Alphabet::arabic, "پچژگکی",
     "و در به از که این را با است برای آن یک می های بر تا شد خود کرد شده چه چرا چگونه کجا"},
    {"hi", Alphabet::devanagari, "",
     "है के में की और से का को पर यह कि हैं था ने लिए एक भी नहीं तो ही या हो कर गया थे थी जो इस "
     "क्या कौन कब कहाँ क्यों कैसे"},
    {"ne", Alphabet::devanagari, "",
     "छ र को मा पनि हो छन् भएको गर्न गरेको लाई ले यो थियो तथा वा एक अनि भने गर्ने के कहाँ किन कसरी"},
    {"mr", Alphabet::devanagari, "ळ",
     "आहे आणि व या च ते हा ही हे तो की नाही होते होता आहेत मध्ये साठी एक काय कोण कुठे का कसे"},
    // Told by their script; the words are for is_function_word.
    {"zh", Alphabet::own, "",
     "什么 什麼 怎么 怎麼 怎样 怎樣 如何 为什么 為什麼 为何 為何 哪些 哪个 哪個 哪里 哪裡 哪 谁 誰 "
     "多少 何时 何時 是否 可以 这个 這個 那个 那個 这些 這些 那些 我们 我們 你们 他们 他們 因为 "
     "因為 "
     "所以 但是 一个 一個 没有 沒有 以及 关于 關於 对于 對於 其中 或者 还是 還是 如果 时候 時候 "
     "它们 "
     "自己 已经 已經 这样 這樣 第几 一种 一種 之间 之間 有关 有關"},
    {"ja", Alphabet::own, "",
     "です ます こと もの する ある いる なる それ これ どの どれ どこ いつ なぜ どう 何 誰 から "
     "まで "
     "として について ました でした ため など または および とは のは ください どのように どんな"},
    {"ur", Alphabet::arabic, "ٹڈڑےںہھ", "کے کی میں ہے اور سے کا کو اس نے پر یہ کہ ہیں کیا جو"},
};
constexpr std::size_t language_count = std::size(languages);

struct Tables {
  std::unordered_map<std::string, std::vector<std::uint8_t>> words;  // numbers of languages
  // By letter; all of them are below U+2000.
  std::array<std::vector<std::uint8_t>, 0x2000> letters;
};

const Tables& tables() {
  static const Tables made = [] {
    Tables t;
    for (std::uint8_t i = 0; i < language_count; ++i) {
      const std::string_view words = languages[i].words;
      for (std::size_t pos = 0; pos < words.size();) {
        const std::size_t end = std::min(words.find(' ', pos), words.size());
        auto& known = t.words[std::string(words.substr(pos, end - pos))];
        if (std::find(known.begin(), known.end(), i) == known.end()) known.push_back(i);
        pos = end + 1;
      }
      const std::string_view letters = languages[i].letters;
      for (std::size_t pos = 0; pos < letters.size();) {
        const utf8::CodePoint c = utf8::at(letters, pos);
        t.letters.at(c.value).push_back(i);
        pos += c.length;
      }
    }
    return t;
  }();
  return made;
}

/// Scripts that one language is written in, or nearly so.
std::string_view language_of_script(UScriptCode script) {
  switch (script) {
    case USCRIPT_THAI:
      return "th";
    case USCRIPT_HEBREW:
      return "he";
    case USCRIPT_GREEK:
      return "el";
    case USCRIPT_BENGALI:
      return "bn";
    case USCRIPT_TAMIL:
      return "ta";
    case USCRIPT_TELUGU:
      return "te";
    case USCRIPT_GEORGIAN:
      return "ka";
    case USCRIPT_ARMENIAN:
      return "hy";
    case USCRIPT_LAO:
      return "lo";
    case USCRIPT_KHMER:
      return "km";
    case USCRIPT_MYANMAR:
      return "my";
    default:
      return "";
  }
}

/// What a text is made of.
class Census {
 public:
  void add(std::string_view text) {
    std::string word;
    for (std::size_t pos = 0; pos < text.size();) {
      if (const auto byte = static_cast<unsigned char>(text[pos]); byte < 0x80) {
        ++pos;
        const unsigned char small = byte | 0x20U;
        if (small >= 'a' && small <= 'z') {
          ++latin_;
          word += static_cast<char>(small);
        } else {
          add_word(word);
        }
        continue;
      }
      const utf8::CodePoint c = utf8::at(text, pos);
      pos += c.length;
      if (u_isalpha(static_cast<UChar32>(c.value)) || is_devanagari_mark(c.value)) {
        const auto small = static_cast<char32_t>(u_tolower(static_cast<UChar32>(c.value)));
        if (add_letter(small)) append_utf8(word, small);
        continue;
      }
      add_mark(c.value);
      add_word(word);
    }
    add_word(word);
  }

  std::string_view language() const {
    // Names, code and commands are in Latin letters in every language: another script needs a
    // third only. A Han letter says about as much as three others, a syllable as two.
    const double other[] = {cyrillic_,   arabic_,     3 * han_ + 2 * kana_,
                            2 * hangul_, devanagari_, single_};
    const double* most = std::max_element(std::begin(other), std::end(other));
    if (*most == 0 || 2 * *most < latin_) return best(Alphabet::latin);
    if (most == &other[0]) return best(Alphabet::cyrillic);
    if (most == &other[1]) return best(Alphabet::arabic);
    // Chinese quotes a little kana, Japanese is never without.
    if (most == &other[2]) return kana_ > 0.1 * (kana_ + han_) ? "ja" : "zh";
    if (most == &other[3]) return "ko";
    if (most == &other[4]) return best(Alphabet::devanagari);
    return single_language_;
  }

 private:
  static bool is_devanagari_mark(char32_t c) { return c >= 0x900 && c < 0x964; }

  /// Whether it may belong to a word of the tables.
  bool add_letter(char32_t c) {
    UErrorCode status = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(static_cast<UChar32>(c), &status);
    switch (script) {
      case USCRIPT_LATIN:
        ++latin_;
        break;
      case USCRIPT_CYRILLIC:
        ++cyrillic_;
        break;
      case USCRIPT_ARABIC:
        ++arabic_;
        break;
      case USCRIPT_DEVANAGARI:
        ++devanagari_;
        break;
      case USCRIPT_INHERITED:  // accents of their own
        return true;
      case USCRIPT_HAN:
        ++han_;
        return false;
      case USCRIPT_HIRAGANA:
      case USCRIPT_KATAKANA:
        ++kana_;
        return false;
      case USCRIPT_HANGUL:
        ++hangul_;
        return false;
      default:
        if (const auto language = language_of_script(script); !language.empty()) {
          if (single_language_.empty()) single_language_ = language;
          ++single_;
        }
        return false;
    }
    add_mark(c);
    return true;
  }

  void add_mark(char32_t c) {
    constexpr double letter_weight = 0.5;
    if (c < 0x80) return;
    const auto& letters = tables().letters;
    if (c >= letters.size()) return;
    for (const std::uint8_t i : letters[c]) {
      scores_[i] += letter_weight / static_cast<double>(letters[c].size());
    }
  }

  void add_word(std::string& word) {
    if (word.empty()) return;
    ++words_;
    // "a", "-d", "s": of every language, and of none.
    if (word.size() == 1 || word.size() > longest_word) {
      word.clear();
      return;
    }
    if (const auto found = tables().words.find(word); found != tables().words.end()) {
      for (const std::uint8_t i : found->second) {
        // A word that many languages share says less for each of them.
        scores_[i] += 1.0 / static_cast<double>(found->second.size());
      }
    }
    word.clear();
  }

  std::string_view best(Alphabet alphabet) const {
    std::size_t first = language_count;
    for (std::size_t i = 0; i < language_count; ++i) {
      if (languages[i].alphabet != alphabet) continue;
      if (first == language_count || scores_[i] > scores_[first]) first = i;
    }
    // Names and figures in Latin letters are in no language; the other alphabets have a usual one,
    // which stands first.
    constexpr double least_share = 0.05;
    if (alphabet == Alphabet::latin &&
        (scores_[first] < 1 || scores_[first] < least_share * words_)) {
      return "";
    }
    return languages[first].code;
  }

  std::array<double, language_count> scores_{};
  double words_ = 0;
  double latin_ = 0;
  double cyrillic_ = 0;
  double arabic_ = 0;
  double han_ = 0;
  double kana_ = 0;
  double hangul_ = 0;
  double devanagari_ = 0;
  double single_ = 0;  // letters of scripts of one language
  std::string_view single_language_;
};

/// Lines that are comments, in whatever language of programming, without their marks.
std::string comments_of(std::string_view code) {
  constexpr std::array marks = {"//", "/*", "*", "#", "--", ";", "%", "\"\"\"", "<!--"};
  std::string comments;
  for (std::size_t pos = 0; pos < code.size();) {
    const std::size_t end = std::min(code.find('\n', pos), code.size());
    const std::string_view line = utf8::trim(code.substr(pos, end - pos));
    pos = end + 1;
    // "x = f(y);  // why" as well.
    std::size_t at = line.find("// ");
    if (at == std::string_view::npos) at = line.find("/* ");
    for (const std::string_view mark : marks) {
      if (line.substr(0, mark.size()) == mark) at = 0;
    }
    if (at != std::string_view::npos) comments.append(line.substr(at)).append("\n");
  }
  return comments;
}

}  // namespace

std::string_view language_of(std::string_view text, TextKind kind) {
  text = text.substr(0, utf8_floor(text, max_bytes));
  Census census;
  if (kind == TextKind::code) {
    census.add(comments_of(text));
  } else {
    census.add(text);
  }
  return census.language();
}

Language detect_language(std::string_view text, TextKind kind) {
  if (kind == TextKind::code) {
    // Names and figures in a few comments look like any language.
    constexpr std::size_t enough = 200;
    const std::string comments = comments_of(text.substr(0, utf8_floor(text, max_bytes)));
    const Language told = detect_language(comments, TextKind::prose);
    return told == Language::en || comments.size() >= enough ? told : Language::unknown;
  }
  Census census;
  if (text.size() <= sample_places * sample_bytes) {
    census.add(text);
  } else {
    const std::size_t step = (text.size() - sample_bytes) / (sample_places - 1);
    for (std::size_t i = 0; i < sample_places; ++i) {
      const std::size_t start = utf8_floor(text, i * step);
      const std::size_t end = utf8_floor(text, std::min(start + sample_bytes, text.size()));
      census.add(text.substr(start, end - start));
    }
  }
  return language_from_code(census.language());
}

bool is_function_word(std::string_view word, std::string_view language) {
  const auto found = tables().words.find(std::string(word));
  if (found == tables().words.end()) return false;
  return language.empty() ||
         std::any_of(found->second.begin(), found->second.end(),
                     [&](std::uint8_t i) { return languages[i].code == language; });
}

}  // namespace callslip
