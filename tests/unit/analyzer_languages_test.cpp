// Each language is found with inflected forms: a query with other forms of a sentence's words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "index/analyzer.h"
#include "index/language/text_language.h"

namespace callslip {
namespace {

using std::string;
using testing::Contains;
using testing::Each;
using testing::IsSubsetOf;

std::set<string> indexed(const string& text, Language language) {
  Analyzer analyzer(Analyzer::Mode::index);
  analyzer.set_languages({language});
  analyzer.add(text);
  std::set<string> terms;
  for (const auto& count : analyzer.counts()) terms.emplace(count.term);
  return terms;
}

/// The words of a query of which no form is in the text.
std::vector<string> missed(const string& query, LanguageSet languages, const string& text,
                           Language language) {
  const std::set<string> terms = indexed(text, language);
  std::vector<string> out;
  const auto query_forms = query_terms(query, languages);
  std::set<std::uint32_t> found;
  for (const QueryTerm& term : query_forms) {
    if (terms.contains(term.term)) found.insert(term.word);
  }
  for (const QueryTerm& term : query_forms) {
    if (!term.optional && !found.contains(term.word)) out.push_back(term.term);
  }
  return out;
}

struct Sample {
  Language language;
  const char* text;
  const char* inflected;  // other forms of its words
};

const Sample samples[] = {
    {Language::ar, "زار الطلاب المكتبة الجديدة وقرأوا كتابا عن تاريخ المدينة في الصباح",
     "مكتبة الكتاب جديدة"},
    {Language::bg, "Учениците четат книгата в новата библиотека на града и се връщат вкъщи",
     "книга библиотеката градът"},
    {Language::ca, "Els bibliotecaris van trobar els llibres antics que la ciutat havia perdut",
     "bibliotecari ciutats"},
    {Language::cs, "Knihovna koupila nové knihy o historii města, které se líbí dětem",
     "knihovny kniha novou"},
    {Language::da, "Bibliotekets bøger blev flyttet til de nye hylder, og læserne var glade",
     "hylde læser bibliotek"},
    {Language::de, "Die Bibliothekare haben gestern alte Bücher in die neuen Häuser getragen",
     "Buch Haus Bibliothekar altes"},
    {Language::el, "Οι βιβλιοθήκες της πόλης άνοιξαν και τα παιδιά διαβάζουν παλιούς χάρτες",
     "βιβλιοθήκη χάρτης"},
    {Language::en, "The librarians have carried the old books into the newly opened houses",
     "librarian carries book opening house"},
    {Language::es, "Los bibliotecarios llevaron los libros antiguos a las nuevas habitaciones",
     "bibliotecario libro antigua nuevo habitación"},
    {Language::fi, "Kirjastonhoitajat veivät vanhat kirjat uusiin taloihin ja lukijat iloitsivat",
     "kirja talot"},
    {Language::fr, "Les bibliothécaires ont apporté de vieux livres dans les nouvelles maisons",
     "bibliothécaire livre maison nouvelle"},
    {Language::hi, "लड़कियों ने पुस्तकालय में पुरानी किताबें पढ़ीं और घरों को लौट गईं", "लड़की किताब घर"},
    {Language::hr, "Knjižnica je kupila nove knjige o gradovima koje djeca vole čitati",
     "knjiga knjižnice gradova"},
    {Language::hu, "A könyvtárosok régi könyveket vittek az új házakba, ahol az olvasók vártak",
     "könyvek házak olvasó"},
    {Language::id, "Para pustakawan membawakan buku lama ke dalam rumah yang dibangun tahun ini",
     "membawa bangunan"},
    {Language::it, "I bibliotecari hanno portato i vecchi libri nelle nuove case della città",
     "bibliotecario libro vecchia casa"},
    {Language::lt, "Bibliotekos darbuotojai nunešė senas knygas į naujus miesto namus",
     "biblioteka knyga namas"},
    {Language::nl, "De bibliothecarissen brachten de oude boeken naar de nieuwe huizen",
     "boek nieuw"},
    {Language::no, "Bibliotekarene flyttet de gamle bøkene til nye hyller i husene", "hylle hus"},
    {Language::pl, "Biblioteka kupiła nowe książki o historii miasta, które lubią dzieci",
     "biblioteki książka miasto"},
    {Language::pt, "Os bibliotecários levaram os livros antigos para as novas casas da cidade",
     "bibliotecário livro antiga casa"},
    {Language::ro, "Bibliotecarii au dus cărțile vechi în casele noi ale orașului",
     "bibliotecar casă orașe"},
    {Language::ru, "Библиотекари перенесли старые книги в новые дома города",
     "библиотекарь книга новый дом городами"},
    {Language::sv, "Bibliotekarierna flyttade de gamla böckerna till nya hyllor i husen",
     "hylla bibliotekarie hus"},
    {Language::ta, "மாணவர்கள் நூலகத்தில் பழைய புத்தகங்களை படித்தார்கள்", "புத்தகம் மாணவர்"},
    {Language::tr, "Kütüphaneciler eski kitapları yeni evlere taşıdılar ve okurlar sevindi",
     "kitap ev okur"},
    {Language::uk, "Бібліотекарі перенесли старі книги до нових будинків міста",
     "бібліотекарів книга місто"},
};

TEST(AnalyzerLanguages, InflectedFormsFindEachOther) {
  for (const Sample& sample : samples) {
    const LanguageSet own{sample.language};
    EXPECT_THAT(missed(sample.inflected, own, sample.text, sample.language), testing::IsEmpty())
        << code_of(sample.language);
  }
}

TEST(AnalyzerLanguages, AQueryHasTheFormsOfEveryLanguageOfTheIndex) {
  LanguageSet all{Language::none, Language::unknown};
  for (const Sample& sample : samples) all.insert(sample.language);
  for (const Sample& sample : samples) {
    EXPECT_THAT(missed(sample.inflected, all, sample.text, sample.language), testing::IsEmpty())
        << code_of(sample.language);
  }
}

TEST(AnalyzerLanguages, TheLanguageOfASentenceIsTold) {
  for (const Sample& sample : samples) {
    const Language told = detect_language(sample.text);
    // One sentence may be too little; what is told is right.
    if (told != Language::unknown) {
      EXPECT_EQ(code_of(told), code_of(sample.language)) << sample.text;
    }
  }
}

TEST(AnalyzerLanguages, AccentsAreMatchedBothWays) {
  const std::pair<Language, std::pair<const char*, const char*>> words[] = {
      {Language::fr, {"équipées hôpital", "equipees hopital"}},
      {Language::es, {"canción niño", "cancion nino"}},
      {Language::pt, {"informação", "informacao"}},
      {Language::cs, {"příliš žluťoučký kůň", "prilis zlutoucky kun"}},
      {Language::pl, {"żółw łódź", "zolw lodz"}},
      {Language::tr, {"çığlık İstanbul", "ciglik istanbul"}},
      {Language::vi, {"thành phố Hà Nội", "thanh pho ha noi"}},
      {Language::da, {"smørrebrød", "smorrebrod"}},
      {Language::el, {"βιβλίο Αθήνα", "βιβλιο αθηνα"}},
      {Language::ru, {"ёлка за́мок", "елка замок"}},
      {Language::unknown, {"Café Zoë naïve", "cafe zoe naive"}}};
  for (const auto& [language, pair] : words) {
    EXPECT_THAT(missed(pair.second, {language}, pair.first, language), testing::IsEmpty())
        << pair.first;
    EXPECT_THAT(missed(pair.first, {language}, pair.second, language), testing::IsEmpty())
        << pair.second;
  }
}

TEST(AnalyzerLanguages, UmlautsMayBeWrittenWithTwoLetters) {
  const string text = "Die Häuser an der Straße gehören Müller";
  EXPECT_THAT(missed("Haeuser Strasse Mueller", {Language::de}, text, Language::de),
              testing::IsEmpty());
  EXPECT_THAT(missed("Hauser STRASSE Muller", {Language::de}, text, Language::de),
              testing::IsEmpty());
}

TEST(AnalyzerLanguages, CaseIsFoldedAsEachAlphabetHasIt) {
  EXPECT_EQ(indexed("ΟΔΟΣ", Language::el), indexed("οδος", Language::el));
  EXPECT_EQ(indexed("ISPARTA", Language::tr), indexed("ısparta", Language::tr));
  EXPECT_EQ(indexed("İZMİR", Language::tr), indexed("izmir", Language::tr));
  EXPECT_EQ(indexed("STRASSE", Language::de), indexed("Straße", Language::de));
}

TEST(AnalyzerLanguages, FormsOfUnicodeAreOne) {
  EXPECT_EQ(indexed("Ｈｅｌｌｏ　１２３", Language::en), indexed("Hello 123", Language::en));
  EXPECT_EQ(indexed("eﬃcient", Language::en), indexed("efficient", Language::en));
  EXPECT_EQ(indexed("ﻛﺘﺎﺏ", Language::ar), indexed("كتاب", Language::ar));
  EXPECT_EQ(indexed("كِتَابٌ", Language::ar), indexed("كتـاب", Language::ar));
  EXPECT_EQ(indexed("ｶﾞｲﾄﾞ", Language::ja), indexed("ガイド", Language::ja));
  EXPECT_EQ(indexed("١٢٣ १२३ ۱۲۳", Language::unknown), indexed("123", Language::unknown));
  EXPECT_EQ(indexed("re\u0301sume\u0301", Language::fr), indexed("résumé", Language::fr));
}

TEST(AnalyzerLanguages, WordsAreToldWhereNoSpacePartsThem) {
  EXPECT_THAT(missed("ห้องสมุด", {Language::th}, "นักเรียนอ่านหนังสือในห้องสมุดของโรงเรียน", Language::th),
              testing::IsEmpty());
  EXPECT_THAT(indexed("นักเรียนอ่านหนังสือ", Language::th), Contains("หนังสือ"));
  EXPECT_THAT(missed("ຫນັງສື", {Language::lo}, "ຂ້ອຍອ່ານຫນັງສື", Language::lo), testing::IsEmpty());
  EXPECT_THAT(missed("សៀវភៅ", {Language::km}, "ខ្ញុំអានសៀវភៅ", Language::km), testing::IsEmpty());
}

TEST(AnalyzerLanguages, CodeIsNotStemmed) {
  EXPECT_THAT(indexed("indexes running", Language::none),
              testing::ElementsAre("indexes", "running"));
  const LanguageSet both{Language::en, Language::none};
  EXPECT_THAT(missed("indexes", both, "indexes", Language::none), testing::IsEmpty());
  EXPECT_THAT(missed("indexes", both, "an index", Language::en), testing::IsEmpty());
}

TEST(AnalyzerLanguages, KebabIsWholeAndInParts) {
  Analyzer analyzer(Analyzer::Mode::index);
  analyzer.set_languages({Language::none});
  analyzer.set_kebab(true);
  analyzer.add("(with-open-file s)");
  std::set<string> terms;
  for (const auto& count : analyzer.counts()) terms.emplace(count.term);
  EXPECT_THAT(terms, testing::UnorderedElementsAre("with-open-file", "with", "open", "file", "s"));
  std::vector<string> query;
  for (const QueryTerm& term : query_terms("where is with-open-file?")) query.push_back(term.term);
  EXPECT_THAT(query, Contains("with-open-file"));
}

TEST(AnalyzerLanguages, PathsAreWholeAndInParts) {
  Analyzer analyzer(Analyzer::Mode::index);
  analyzer.add_path("linux/fs/ext4/namei.c");
  std::set<string> terms;
  for (const auto& count : analyzer.counts()) terms.emplace(count.term);
  for (const char* query : {"namei", "ext4", "namei.c", "ext4/namei.c", "fs/ext4/namei.c"}) {
    std::vector<string> wanted;
    for (const QueryTerm& term : query_terms(query)) wanted.push_back(term.term);
    EXPECT_THAT(wanted, Each(testing::AnyOfArray(std::vector<string>(terms.begin(), terms.end()))))
        << query;
  }
}

TEST(AnalyzerLanguages, IdentifiersGiveTheirParts) {
  const auto parts = [](const string& text) { return indexed(text, Language::none); };
  EXPECT_THAT(parts("HTTPRequest2"),
              testing::UnorderedElementsAre("httprequest2", "http", "request2", "request"));
  EXPECT_THAT(parts("$user_name"), testing::UnorderedElementsAre("user_name", "user", "name"));
  EXPECT_THAT(parts("std::vectorOf"),
              testing::UnorderedElementsAre("std", "vectorof", "vector", "of"));
  EXPECT_THAT(parts("ext4_utf8"), testing::UnorderedElementsAre("ext4_utf8", "ext4", "utf8"));
}

TEST(AnalyzerLanguages, FormsOfAWordOfAQueryStandTogether) {
  const LanguageSet languages{Language::en, Language::de, Language::none};
  const auto terms = query_terms("Wagen running", languages);
  std::set<std::uint32_t> words;
  for (const QueryTerm& term : terms) words.insert(term.word);
  EXPECT_EQ(words.size(), 2U);
  for (std::size_t i = 1; i < terms.size(); ++i) EXPECT_LE(terms[i - 1].word, terms[i].word);
}

}  // namespace
}  // namespace callslip
