#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

string type_of(const string& name, const string& bytes = "x\n") {
  return parse_document(name, bytes).type;
}

TEST(CodeParser, KeepsTheBytesAndHasNoTitle) {
  const string text = "#include <list>\r\n\r\nint main() {}\r\n";
  const ParsedDocument document = parse_document("main.cpp", text);
  EXPECT_EQ(document.text, text);
  EXPECT_EQ(document.type, "cpp");
  EXPECT_EQ(document.kind, TextKind::code);
  EXPECT_EQ(document.title, "");
  ASSERT_EQ(document.headings.size(), 1U);
  EXPECT_EQ(document.headings[0].text, "function main");
  EXPECT_FALSE(document.extracted);
}

TEST(CodeParser, DoesNotCopyTheText) {
  string text(100000, 'x');
  const auto address = reinterpret_cast<std::uintptr_t>(text.data());
  const ParsedDocument same = parse_document("a.c", std::move(text));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(same.text.data()), address);
}

TEST(CodeParser, KnowsLanguagesByExtension) {
  const std::pair<const char*, const char*> cases[] = {
      {"a.c", "c"},        {"A.PY", "python"},     {"a.go", "go"},         {"a.rs", "rust"},
      {"a.java", "java"},  {"a.kt", "kotlin"},     {"a.js", "javascript"}, {"a.tsx", "typescript"},
      {"a.cs", "csharp"},  {"a.rb", "ruby"},       {"a.php", "php"},       {"a.pl", "perl"},
      {"a.sh", "shell"},   {"a.lua", "lua"},       {"a.sql", "sql"},       {"a.cmake", "cmake"},
      {"a.S", "assembly"}, {"a.scala", "scala"},   {"a.swift", "swift"},   {"a.R", "r"},
      {"a.hs", "haskell"}, {"a.ml", "ocaml"},      {"a.erl", "erlang"},    {"a.ex", "elixir"},
      {"a.css", "css"},    {"a.proto", "proto"},   {"a.json", "json"},     {"a.yml", "yaml"},
      {"a.toml", "toml"},  {"a.ini", "ini"},       {"a.xml", "xml"},       {"a.patch", "diff"},
      {"a.csv", "csv"},    {"a.tar.py", "python"}, {"config.h.in", "c"},   {"a.service", "ini"}};
  for (const auto& [name, type] : cases) EXPECT_EQ(type_of(name), type) << name;
}

TEST(CodeParser, KnowsFilesByName) {
  const std::pair<const char*, const char*> cases[] = {{"Makefile", "make"},
                                                       {"GNUmakefile", "make"},
                                                       {"Makefile.am", "make"},
                                                       {"Dockerfile", "dockerfile"},
                                                       {"Dockerfile.dev", "dockerfile"},
                                                       {"CMakeLists.txt", "cmake"},
                                                       {"Kconfig", "kconfig"},
                                                       {".bashrc", "shell"},
                                                       {"Gemfile", "ruby"},
                                                       {"go.mod", "go"},
                                                       {".gitignore", "ini"}};
  for (const auto& [name, type] : cases) EXPECT_EQ(type_of(name), type) << name;
}

TEST(CodeParser, KnowsInterpreters) {
  const std::pair<const char*, const char*> cases[] = {
      {"#!/bin/sh\n", "shell"},
      {"#!/usr/bin/env python3\n", "python"},
      {"#! /usr/bin/python3.11 -u\r\n", "python"},
      {"#!/usr/bin/env -S node --x\n", "javascript"},
      {"#!/usr/bin/env A=b perl", "perl"},
      {"#!/usr/bin/unknown\n", "text"},
      {"#!", "text"},
      {"#!\n", "text"}};
  for (const auto& [bytes, type] : cases) EXPECT_EQ(type_of("script", bytes), type) << bytes;
}

TEST(CodeParser, TellsCppHeadersFromC) {
  EXPECT_EQ(type_of("a.h", "struct a;\n"), "c");
  EXPECT_EQ(type_of("a.h", "namespace a {}\n"), "cpp");
  EXPECT_EQ(type_of("vector", "// <vector> -*- C++ -*-\n"), "cpp");
}

TEST(CodeParser, HonoursAnXmlDeclaration) {
  const ParsedDocument document =
      parse_document("a.xml", "<?xml version=\"1.0\" encoding=\"windows-1250\"?><a>\x8Elu\x9D</a>");
  EXPECT_NE(document.text.find("Žluť"), string::npos);
  EXPECT_TRUE(document.extracted);
}

TEST(CodeParser, LeavesOtherTextAlone) {
  EXPECT_EQ(type_of("README"), "text");
  EXPECT_EQ(type_of("a.txt"), "text");
  EXPECT_EQ(type_of("a.unknown"), "text");
}

}  // namespace
}  // namespace callslip
