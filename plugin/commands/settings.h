// Settings: everything that a user can set, from the command line, the environment (CALLSLIP_…)
// and a configuration file, in this order of precedence.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index/index_writer.h"
#include "index/indexer.h"
#include "index/result.h"
#include "index/watch/file_watch.h"

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
  WatchOptions watch;
  std::string listen = "127.0.0.1:8137";
  bool stdio = false;
  std::vector<std::string> allowed_origins;
  std::vector<std::string> allowed_hosts;
  std::size_t max_result_tokens = 10000;
  std::size_t max_connections = 1024;
  std::size_t max_message_bytes = 16U << 20;
  std::size_t workers = 0;  // 0: by the number of cores
  std::string tls_cert;     // PEM, the chain; with tls_key
  std::string tls_key;
  std::vector<std::string> token_files;
  std::string oauth_issuer;    // URL; empty: no OAuth
  std::string oauth_audience;  // the URL that clients call us by; empty: from the address
  bool allow_fetch = false;    // add_document may fetch URLs
  std::string profile;         // "connector": search and fetch; empty: all tools
  bool conformance_fixtures = false;
  std::size_t max_connections_per_address = 256;  // not of loopback
  double max_requests_per_second = 100;           // of one address or token; 0: no bound
  std::size_t max_calls_per_connection = 64;      // in flight

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

  // token
  std::string token_name;
  std::string token_scope = "read";
  std::vector<std::string> token_collections;
  std::uint64_t token_days = 0;  // 0: does not expire
  bool token_list = false;
  std::string token_revoke;

  // connect
  bool write = false;
  std::string scope;          // "project", "user"; empty: the front end's usual one
  std::string config_target;  // the file to write; empty: that of the scope
  std::string server_url;     // empty: by `listen`
  bool with_token = false;
  std::vector<std::string> serve_paths;  // serve too: as operands
};

/// ErrorKind::invalid_argument for a command line that is wrong: exit code 2.
Result<Settings> parse_settings(int argc, const char* const* argv);

/// The help of a command; of all where it is empty.
std::string help_text(const std::string& command);

}  // namespace callslip
