#include "plugin/mcp/verdict_report.h"

#include <gtest/gtest.h>

#include "tests/unit/served_folder.h"

namespace callslip {
namespace {

using nlohmann::json;
using Kind = JudgedChunk::Kind;

TEST(VerdictRuns, JoinsNeighboursWhateverOrderTheyCameIn) {
  const json told = to_json({{9, Kind::failed, "", ""},
                             {1, Kind::relevant, "a:1", "guide.md"},
                             {0, Kind::none, "", ""},
                             {2, Kind::none, "", ""}});
  EXPECT_EQ(told.at("runs"), json::parse(R"([[0, "nrn"], [9, "f"]])"));
  EXPECT_EQ(told.at("relevant"),
            json::parse(R"([{"position": 1, "chunk_id": "a:1", "document": "guide.md"}])"));
}

class VerdictReport : public test::ServedFolder {
 protected:
  /// Every verdict of a reading, by position; the reply last.
  std::map<std::size_t, char> read(const json& meta, json& reply) {
    json params{{"name", "read_chunks"},
                {"arguments", {{"question", "copper tanks"}, {"effort", "exhaustive"}}}};
    params["_meta"] = meta;
    client_->send(
        json{{"jsonrpc", "2.0"}, {"id", 41}, {"method", "tools/call"}, {"params", params}}.dump());
    std::map<std::size_t, char> verdicts;
    for (;;) {
      json next = message(*client_);
      if (next.contains("id") || next.is_null()) {
        reply = std::move(next);
        return verdicts;
      }
      if (next.at("method") != "notifications/callslip/verdicts") continue;
      EXPECT_EQ(next.at("params").at("requestId"), 41);
      for (const json& run : next.at("params").at("runs")) {
        auto position = run.at(0).get<std::size_t>();
        for (const char kind : run.at(1).get<std::string>()) {
          EXPECT_TRUE(verdicts.emplace(position++, kind).second) << "told twice";
        }
      }
    }
  }

  void index_some() {
    for (int i = 0; i < 40; ++i) {
      folder_.write("log" + std::to_string(i) + ".md", "# Log\n\nThe wharf was quiet.\n");
    }
    folder_.write("lamp.md", "# Lamp\n\nThe horn has three copper tanks.\n");
    folder_.refresh();
    serve();
  }
};

TEST_F(VerdictReport, TellsEveryVerdictOnceToWhoAsks) {
  index_some();
  json reply;
  const auto verdicts = read({{"callslip/verdicts", true}}, reply);
  const json coverage = reply.at("result").at("structuredContent").at("coverage");
  EXPECT_EQ(verdicts.size(), coverage.at("in_scope"));
  EXPECT_EQ(verdicts.rbegin()->first + 1, verdicts.size()) << "positions count from 0";
  EXPECT_EQ(verdicts.at(0), 'r') << "the likeliest comes first";
  const auto relevant = std::count_if(verdicts.begin(), verdicts.end(),
                                      [](const auto& one) { return one.second == 'r'; });
  EXPECT_EQ(relevant, coverage.at("relevant"));
}

TEST_F(VerdictReport, TellsNothingToWhoDoesNot) {
  index_some();
  json reply;
  EXPECT_TRUE(read(json::object(), reply).empty());
  EXPECT_TRUE(reply.contains("result"));
}

}  // namespace
}  // namespace callslip
