// Settings: everything that a user can set, from the command line, the environment (CALLSLIP_…)
// and a configuration file, in this order of precedence.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index/index_writer.h"
#include "index/indexer.h"
#include "index/result.h"

namespace callslip {

struct Settings {
  std::string command;
  std::vector<std::string> operands;  // PATH..., QUERY, PATTERN..., FRONTEND
  bool help = false;
  bool version = false;

  std::string index;  // empty: the default place

  // index, serve
  IndexerOptions indexer;
  IndexWriter::Options writer;
  bool strict = false;

  // serve
  std::string listen = "127.0.0.1:8137";
  bool stdio = false;
  std::vector<std::string> allowed_origins;
  std::vector<std::string> allowed_hosts;
  std::size_t max_result_tokens = 10000;
  std::size_t max_connections = 1024;
  std::size_t max_message_bytes = 16U << 20;
  std::size_t workers = 0;  // 0: by the number of cores

  // the reader
  std::vector<std::string> reader_urls;
  std::string reader_model;
  std::string reader_key;  // $CALLSLIP_READER_KEY only
  std::size_t reader_concurrency = 8;
  double reader_timeout_s = 30;
  std::uint64_t reader_max_calls = 500;
  std::uint64_t reader_max_calls_per_day = 0;  // 0: no bound
  std::uint64_t reader_context = 0;            // tokens; 0: what the endpoint tells
  std::string reader_price;                    // "PROMPT[,COMPLETION]" per million tokens
  std::uint64_t reader_cache_bytes = 256U << 20;

  // search, read, list: the tool's arguments
  bool json = false;
  std::vector<std::string> documents;
  std::vector<std::string> keywords;
  std::vector<std::string> exact;
  std::vector<std::string> chunk_ids;
  std::size_t before = 0;
  std::size_t after = 0;
  std::size_t max_tokens = 6000;
  std::size_t limit = 0;  // 0: the tool's default
  std::string detail = "full";
  bool ranked = false;
  bool expand = false;
  std::string effort = "standard";
  bool answer = false;
  bool plan = false;
  double deadline_s = 45;
  std::string cursor;

  // connect
  bool write = false;
  std::vector<std::string> serve_paths;
};

/// ErrorKind::invalid_argument for a command line that is wrong: exit code 2.
Result<Settings> parse_settings(int argc, const char* const* argv);

/// The help of a command; of all where it is empty.
std::string help_text(const std::string& command);

}  // namespace callslip
