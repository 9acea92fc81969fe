#include "bench/raw_xapian.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <vector>

namespace callslip::bench {
namespace {

Xapian::TermGenerator generator() {
  Xapian::TermGenerator made;
  made.set_stemmer(Xapian::Stem("english"));
  made.set_stemming_strategy(Xapian::TermGenerator::STEM_ALL);
  made.set_flags(Xapian::TermGenerator::FLAG_CJK_NGRAM);
  return made;
}

}  // namespace

double index_raw(const Snapshot& snapshot, const std::string& directory, std::uint64_t& bytes) {
  std::vector<std::string> texts;
  for (ChunkNumber c = 0; c < snapshot.chunk_bound(); ++c) {
    auto text = snapshot.chunk_text(c);
    if (!text) {
      std::cerr << text.error().message << "\n";
      std::exit(1);
    }
    bytes += text->size();
    texts.push_back(std::move(text).value());
  }
  const auto start = std::chrono::steady_clock::now();
  Xapian::WritableDatabase database(directory, Xapian::DB_CREATE_OR_OVERWRITE);
  Xapian::TermGenerator words = generator();
  for (const std::string& text : texts) {
    Xapian::Document document;
    document.set_data(text);
    words.set_document(document);
    words.index_text_without_positions(text);
    database.add_document(document);
  }
  database.commit();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::size_t RawXapian::search(const std::string& text, Xapian::doccount top) const {
  Xapian::TermGenerator words = generator();
  Xapian::Document query;
  words.set_document(query);
  words.index_text_without_positions(text);
  std::vector<Xapian::Query> terms;
  for (auto term = query.termlist_begin(); term != query.termlist_end(); ++term) {
    terms.emplace_back(*term, term.get_wdf());
  }
  Xapian::Enquire enquire(database_);
  enquire.set_query(Xapian::Query(Xapian::Query::OP_OR, terms.begin(), terms.end()));
  const Xapian::MSet set = enquire.get_mset(0, top);
  std::size_t bytes = 0;
  for (auto hit = set.begin(); hit != set.end(); ++hit)
    bytes += hit.get_document().get_data().size();
  return bytes;
}

}  // namespace callslip::bench
