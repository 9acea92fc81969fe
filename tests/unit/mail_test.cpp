#include <gtest/gtest.h>

#include <string>

#include "index/formats/mail/mail_header.h"
#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

TEST(Mail, ShowsHeadersAndTheDecodedText) {
  const ParsedDocument document = parse_document(
      "a.eml",
      "Return-Path: <x@y>\r\nFrom: =?iso-8859-1?Q?J=F6rg?= <j@example.org>\r\nTo: "
      "you@example.org\r\n"
      "Subject: =?UTF-8?B?R3LDvMOf?=\r\n =?UTF-8?B?ZQ==?= again\r\nDate: Mon, 1 Jan 2024 10:00:00 "
      "+0100\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=windows-1251\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n=CF=F0=E8=E2=E5=F2, a long=\r\n "
      "line.\r\n");
  EXPECT_EQ(document.title, "Grüße again");
  EXPECT_EQ(document.type, "email");
  EXPECT_EQ(document.text,
            "Subject: Grüße again\nFrom: Jörg <j@example.org>\nTo: you@example.org\n"
            "Date: Mon, 1 Jan 2024 10:00:00 +0100\n\nПривет, a long line.\n");
}

const char* const multipart =
    "From: a@b\nSubject: s\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n"
    "--B\nContent-Type: multipart/alternative; boundary=C\n\n"
    "--C\nContent-Type: text/plain\n\nplain text\n"
    "--C\nContent-Type: text/html\n\n<p>plain <b>text</b></p>\n--C--\n"
    "--B\nContent-Type: text/csv; name=\"t.csv\"\nContent-Disposition: attachment; "
    "filename=\"t.csv\"\n\nname,age\nAnn,3\n"
    "--B\nContent-Type: image/png\nContent-Disposition: attachment; filename=cat.png\n"
    "Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n"
    "--B\nContent-Type: message/rfc822\n\nFrom: c@d\nSubject: inner\n\ninner text\n--B--\n";

TEST(Mail, ReadsAlternativesOnceAndAttachments) {
  const ParsedDocument document = parse_document("a.eml", multipart);
  EXPECT_EQ(document.text,
            "Subject: s\nFrom: a@b\n\nplain text\n\nAttachment: t.csv\n\nname,age\nAnn,3\n\n"
            "Attachment: cat.png (image/png, 8 bytes)\n\nAttachment: inner\n\nSubject: inner\n"
            "From: c@d\n\ninner text\n");
  EXPECT_EQ(outline_of(document), "1 Attachment: t.csv|2 name | age|1 Attachment: inner");
}

TEST(Mail, ReadsHtmlWhereThereIsNothingElse) {
  EXPECT_EQ(parse_document("a.eml",
                           "From: a@b\nSubject: s\nMIME-Version: 1.0\nContent-Type: "
                           "text/html; charset=iso-8859-1\n\n<p>caf\xE9</p>\n")
                .text,
            "Subject: s\nFrom: a@b\n\ncafé\n");
}

TEST(Mail, IsKnownByItsHeaders) {
  const string message =
      "Received: from x\n\tby y\nFrom: a@b\nTo: c@d\nDate: today\nSubject: s\n\nx\n";
  EXPECT_EQ(parse_document("1700000000.M1.host:2,S", message).type, "email");
  EXPECT_EQ(parse_document("notes", "From: here\nTo: there\n\nA play.\n").type, "text");
}

const char* const mailbox =
    "From a@b Mon Jan  1 10:00:00 2024\nFrom: a@b\nSubject: one\nMessage-ID: <1@b>\n\n"
    "text\n>From here on\n\nFrom c@d Tue Jan  2 10:00:00 2024\nFrom: c@d\nSubject: two\n\n"
    "From this line nothing follows.\n";

TEST(Mailbox, IsADocumentAMessage) {
  const Parsed parsed = parse_file("list.mbox", mailbox);
  ASSERT_TRUE(parsed.status.ok());
  ASSERT_EQ(parsed.documents.size(), 2U);
  EXPECT_EQ(parsed.documents[0].record_id, "1@b");
  EXPECT_EQ(parsed.documents[0].text, "Subject: one\nFrom: a@b\n\ntext\nFrom here on\n");
  EXPECT_EQ(parsed.documents[1].record_id, "2");
  EXPECT_EQ(parsed.documents[1].title, "two");
}

TEST(Mailbox, WithoutTheNameIsOneDocument) {
  const ParsedDocument document = parse_document("Inbox", mailbox);
  EXPECT_EQ(outline_of(document), "1 one|1 two");
}

TEST(Mail, NamesWhatIsNestedTooDeep) {
  string message = "From: a@b\nSubject: end\n\nbottom\n";
  for (int i = 0; i < 20; ++i) {
    const string boundary = "b" + std::to_string(i);
    message = "From: a@b\nSubject: s\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=" +
              boundary + "\n\n--" + boundary + "\nContent-Type: message/rfc822\n\n" + message +
              "\n--" + boundary + "--\n";
  }
  const string text = parse_document("a.eml", message).text;
  EXPECT_NE(text.find("nested too deep"), string::npos);
  EXPECT_EQ(text.find("bottom"), string::npos);
}

TEST(MailHeader, DecodesWhatSendersMakeOfIt) {
  EXPECT_EQ(decode_header("=?utf-8?Q?a_b=3F?= c"), "a b? c");
  EXPECT_EQ(decode_header("=?utf-8?B?4pyT?= =?utf-8?B?4pyT?="), "✓✓");
  // A character may be cut in two by encoded words.
  EXPECT_EQ(decode_header("=?utf-8?Q?=E2=9C?= =?utf-8?Q?=93?="), "✓");
  EXPECT_EQ(decode_header("=?nonsense?Q?abc?="), "abc");
  EXPECT_EQ(decode_header("=?utf-8?X?abc?= =?broken"), "=?utf-8?X?abc?= =?broken");
  EXPECT_EQ(decode_header("folded\r\n\tline"), "folded line");
}

}  // namespace
}  // namespace callslip
