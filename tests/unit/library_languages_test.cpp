#include "tools/library_languages.h"

#include <gtest/gtest.h>

#include <thread>

#include "index/language/text_language.h"
#include "tests/support/indexed_folder.h"

namespace callslip {
namespace {

using test::IndexedFolder;

struct Written {
  const char* language;
  const char* text;
};

constexpr Written written[] = {
    {"en", "The reader asks for a book, and the slip is sent down to the stacks."},
    {"en", "What is the capital of France?"},
    {"de", "Der Leser bittet um ein Buch, und der Zettel wird in das Magazin geschickt."},
    {"de", "Wie heißt die Hauptstadt von Frankreich?"},
    {"fr", "Le lecteur demande un livre, et la fiche est envoyée dans les réserves."},
    {"es", "El lector pide un libro y la ficha se envía al depósito de la biblioteca."},
    {"it", "Il lettore chiede un libro e la scheda viene mandata nel deposito della biblioteca."},
    {"pt", "O leitor pede um livro e a ficha não é enviada para o depósito da biblioteca."},
    {"nl", "De lezer vraagt om een boek en het briefje wordt naar het magazijn gestuurd."},
    {"pl", "Czytelnik prosi o książkę, która jest w magazynie i nie może być wypożyczona."},
    {"cs", "Čtenář žádá o knihu, která je ve skladu a která se nesmí půjčovat."},
    {"sv", "Läsaren ber om en bok och lappen skickas till magasinet, som är under huset."},
    {"fi", "Lukija pyytää kirjaa, ja lappu lähetetään varastoon, joka on talon alla."},
    {"tr", "Okuyucu bir kitap ister ve bu istek için depoya bir not gönderilir."},
    {"id", "Pembaca meminta buku dan kartu itu akan dikirim ke gudang yang ada di bawah."},
    {"ro", "Cititorul cere o carte și fișa este trimisă la depozit, care se află sub clădire."},
    {"vi", "Người đọc yêu cầu một cuốn sách và phiếu được gửi đến kho của thư viện."},
    {"ru", "Читатель просит книгу, и требование отправляют в хранилище."},
    {"uk", "Читач просить книгу, і вимогу надсилають до сховища, яке є під будинком."},
    {"bg", "Читателят иска книга и бележката се изпраща в хранилището на библиотеката."},
    {"sr", "Читалац тражи књигу и цедуља се шаље у складиште које је испод зграде."},
    {"zh", "读者索取一本书，借书单被送到书库。"},
    {"zh", "讀者用 Linux kernel 的 ext4 檔案系統儲存資料，借書單被送到書庫。"},
    {"ja", "読者が本を請求すると、伝票は書庫に送られる。"},
    {"ko", "독자가 책을 요청하면 전표가 서고로 보내진다."},
    {"th", "ผู้อ่านขอหนังสือและใบคำขอถูกส่งไปยังคลัง"},
    {"ar", "يطلب القارئ كتابا ثم ترسل البطاقة إلى المخزن الذي في الأسفل."},
    // clang-format counts zero-width letters anew each time.
    // clang-format off
    {"fa",
     "خواننده کتابی می‌خواهد که در انبار است و برگه به آن فرستاده شد."},
    // clang-format on
    {"he", "הקורא מבקש ספר והפתק נשלח למחסן."},
    {"el", "Ο αναγνώστης ζητά ένα βιβλίο."},
    {"hi", "पाठक एक पुस्तक माँगता है।"},
    {"", "BM25 Linux ext4 2024"},
    {"", "12.5 3.1 4096"},
    {"", ""},
};

TEST(TextLanguage, IsToldByScriptOrByFrequentWords) {
  for (const Written& w : written) EXPECT_EQ(language_of(w.text), w.language) << w.text;
}

TEST(TextLanguage, OfCodeIsThatOfItsComments) {
  const std::string code =
      "#include <map>\n"
      "// Возвращает номер страницы, на которой находится слово.\n"
      "int page_of(const std::string& word) {\n"
      "  return the_index_of(the_word, that_is_in_the_list);\n"
      "}\n";
  EXPECT_EQ(language_of(code, TextKind::code), "ru");
  EXPECT_EQ(language_of("x = f(y);  // the place of the word in the list\n", TextKind::code), "en");
  EXPECT_EQ(language_of("for (int i = 0; i < n; ++i) is_in(the_list);\n", TextKind::code), "");
}

TEST(TextLanguage, UndecodableBytesAreNoLetters) {
  EXPECT_EQ(language_of("\xFF\xFE\xC3"), "");
  EXPECT_EQ(language_of("The reader asks for the book. \xE4\xB8"), "en");
}

TEST(TextLanguage, FunctionWordsAreThoseOfTheLanguage) {
  EXPECT_TRUE(is_function_word("which", "en"));
  EXPECT_FALSE(is_function_word("which", "de"));
  EXPECT_TRUE(is_function_word("который", "ru") || is_function_word("которые", "ru"));
  EXPECT_FALSE(is_function_word("library", "en"));
  EXPECT_TRUE(is_function_word("welche", ""));
}

std::string codes(const std::vector<LanguageShare>& languages) {
  std::string text;
  for (const LanguageShare& l : languages) text += (text.empty() ? "" : " ") + l.language;
  return text;
}

std::string repeated(const std::string& sentence, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += sentence + "\n\n";
  return text;
}

TEST(LibraryLanguages, AreListedMostCommonFirst) {
  IndexedFolder folder;
  for (int i = 0; i < 6; ++i) folder.write("en" + std::to_string(i) + ".txt", written[0].text);
  for (int i = 0; i < 3; ++i) folder.write("zh" + std::to_string(i) + ".txt", written[21].text);
  folder.write("ru.txt", written[17].text);
  folder.write("table.txt", "1 2 3\n");
  folder.refresh();
  LibraryLanguages languages;
  const auto found = languages.of(*folder.snapshot());
  ASSERT_EQ(codes(found), "en zh ru");
  EXPECT_DOUBLE_EQ(found[0].share, 0.6);
  EXPECT_DOUBLE_EQ(found[2].share, 0.1);
}

TEST(LibraryLanguages, OfALargeIndexAreThoseOfASample) {
  IndexedFolder folder;
  std::string collection;
  // Translations take turns, and two documents of 1500 are in a language of their own.
  for (int i = 0; i < 1500; ++i) {
    const Written& w = i % 700 == 3 ? written[14] : written[i % 3 == 0 ? 0 : i % 3 == 1 ? 17 : 21];
    collection += "{\"_id\": \"" + std::to_string(i) + "\", \"text\": \"" + w.text + "\"}\n";
  }
  folder.write("parallel.jsonl", collection);
  folder.refresh();
  const auto snapshot = folder.snapshot();
  ASSERT_EQ(snapshot->chunk_count(), 1500U);
  const auto found = LibraryLanguages().of(*snapshot);
  ASSERT_EQ(found.size(), 3U) << codes(found);
  for (const LanguageShare& l : found) EXPECT_NEAR(l.share, 1 / 3.0, 0.08) << l.language;
}

TEST(LibraryLanguages, CodeCountsByItsComments) {
  IndexedFolder folder;
  folder.write("a.c", "int a;\n");
  folder.write("b.c", "/* 返回该词所在的页码，如果没有找到则返回零。 */\nint b;\n");
  folder.refresh();
  EXPECT_EQ(codes(LibraryLanguages().of(*folder.snapshot())), "zh");
}

TEST(LibraryLanguages, AreNoneWhereNothingTells) {
  EXPECT_TRUE(LibraryLanguages().of(*Snapshot::empty()).empty());
  IndexedFolder folder;
  folder.write("table.txt", "1 2 3\n");
  folder.refresh();
  EXPECT_TRUE(LibraryLanguages().of(*folder.snapshot()).empty());
}

TEST(LibraryLanguages, FollowTheIndexAndLeaveOutTheDead) {
  IndexedFolder folder;
  LibraryLanguages languages;
  folder.write("a.txt", written[0].text);
  folder.refresh();
  const auto before = folder.snapshot();
  EXPECT_EQ(codes(languages.of(*before)), "en");
  folder.write("a.txt", written[17].text);
  folder.refresh();
  EXPECT_EQ(codes(languages.of(*folder.snapshot())), "ru");
  EXPECT_EQ(codes(languages.of(*before)), "en");
}

TEST(LibraryLanguages, ManyThreadsMayAsk) {
  IndexedFolder folder;
  folder.write("a.txt", repeated(written[0].text, 400));
  folder.refresh();
  const auto snapshot = folder.snapshot();
  LibraryLanguages languages;
  std::vector<std::string> found(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& f : found) {
      threads.emplace_back([&] { f = codes(languages.of(*snapshot)); });
    }
  }
  for (const std::string& f : found) EXPECT_EQ(f, "en");
}

}  // namespace
}  // namespace callslip
