#include "index/formats/man_page.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

TEST(ManPage, ReadsMan) {
  const ParsedDocument document = parse_document(
      "ls.1",
      ".\\\" a comment\n.TH LS \"1\" \"May 2024\"\n.SH NAME\nls \\- list files\n.SH \"SEE ALSO\"\n"
      ".BR cat (1),\n.I more\nand \\fBless\\fP.\n.SS Options\n.TP\n\\fB\\-a\\fR, "
      "\\fB\\-\\-all\\fR\n"
      "show\nall\n.IP \\(bu 2\nfirst\n.IP \\(bu\nsecond\n.nf\n  x  =  1;\n  y;\n.fi\n.PP\nEnd "
      "\\(em "
      "\\[u4E2D].\n");
  EXPECT_EQ(
      document.text,
      "NAME\n\nls - list files\n\nSEE ALSO\n\ncat(1), more and less.\n\nOptions\n\n-a, --all\n"
      "    show all\n\n- first\n- second\n\n  x  =  1;\n  y;\n\nEnd \u2014 \u4E2D.\n");
  EXPECT_EQ(outline_of(document), "1 NAME|1 SEE ALSO|2 Options");
  EXPECT_EQ(document.title, "ls - list files");
  EXPECT_EQ(document.type, "man");
}

TEST(ManPage, ReadsMdoc) {
  const ParsedDocument document = parse_document(
      "cat.1",
      ".Dd May 1, 2024\n.Dt CAT 1\n.Os\n.Sh NAME\n.Nm cat\n.Nd join files\n.Sh SYNOPSIS\n.Nm\n"
      ".Op Fl beu\n.Op Ar\n.Sh DESCRIPTION\nThe\n.Nm\nutility; see\n.Xr ls 1 ,\n.Pq or not .\n"
      ".Bl -tag\n.It Fl b\nNumber.\n.El\n.Fn read \"int fd\" \"void *buf\"\n");
  EXPECT_EQ(
      document.text,
      "NAME\n\ncat \u2013 join files\n\nSYNOPSIS\n\ncat [-beu] [file ...]\n\nDESCRIPTION\n\n"
      "The cat utility; see ls(1), (or not).\n\n-b\n    Number.\n\nread(int fd, void *buf)\n");
  EXPECT_EQ(document.title, "cat \u2013 join files");
}

TEST(ManPage, WritesTablesAndPassesOverDefinitions) {
  EXPECT_EQ(parse_document("a.3",
                           ".de XX\nnot shown\n..\n.TH A 3\n.SH T\n.if t not shown\n.if n shown\n"
                           ".TS\nallbox;\nl l.\nName\tT{\ntwo\nlines\nT}\nx\ty\n.TE\n")
                .text,
            "T\n\nshown\n\n| Name | two lines |\n| --- | --- |\n| x | y |\n");
}

TEST(ManPage, ConditionsMayFollowEachOtherWithoutEnd) {
  string chain;
  for (int i = 0; i < 100'000; ++i) chain += ".if n ";
  string others;
  for (int i = 0; i < 100'000; ++i) others += ".el ";
  EXPECT_EQ(parse_document("a.1", ".TH A 1\n.SH B\n" + chain + "shown\n.if t no\n" + others +
                                      "also\n.ie n .if t no\n.if !t .ie n yes\n.el no\n")
                .text,
            "B\n\nshown also yes\n");
}

TEST(ManPage, IsOnlyWhatLooksLikeOne) {
  EXPECT_EQ(parse_document("notes.1", "Just text.\n").type, "text");
  EXPECT_EQ(parse_document("version.2", "1.2.3\n.TH\n").type, "text");
  EXPECT_EQ(parse_document("link.3", ".so man3/other.3\n").text, "See man3/other.3.\n");
}

}  // namespace
}  // namespace callslip
