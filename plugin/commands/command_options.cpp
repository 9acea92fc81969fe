#include "plugin/commands/command_options.h"

#include <boost/program_options.hpp>

namespace callslip {
namespace {

namespace po = boost::program_options;

constexpr std::size_t kAny = 1000000;

po::options_description general_options(Settings& s) {
  po::options_description options("General");
  options.add_options()("help,h", po::bool_switch(&s.help), "show this help")(
      "version", po::bool_switch(&s.version), "show the version")(
      "config", po::value<std::string>()->value_name("FILE"),
      "read options from FILE (name = value)")(
      "index", po::value(&s.index)->value_name("DIR"),
      "the index (default: $XDG_DATA_HOME/callslip/default; serve PATH: one of its own)");
  return options;
}

po::options_description indexing_options(Settings& s) {
  po::options_description options("Indexing");
  options.add_options()("name", po::value(&s.indexer.name)->value_name("NAME"),
                        "the first part of the documents' names")(
      "include", po::value(&s.indexer.include)->composing()->value_name("GLOB"),
      "only files that match (repeatable)")(
      "exclude", po::value(&s.indexer.exclude)->composing()->value_name("GLOB"),
      "no files or folders that match (repeatable)")(
      "max-file-size", po::value<std::string>()->value_name("SIZE"),
      "skip larger files (128M; collections may be larger)")(
      "password", po::value(&s.indexer.parse.passwords)->composing()->value_name("PASSWORD"),
      "tried on encrypted files (repeatable; better in --config than on the command line)")(
      "ocr", po::bool_switch(&s.indexer.parse.ocr),
      "read scanned pages with tesseract, in the languages that are installed for it")(
      "chunk-tokens", po::value(&s.writer.chunk_tokens)->value_name("N"),
      "largest chunk, 64 to 4096 (512); fixed when the index is made")(
      "tokenizer", po::value(&s.writer.tokenizer_file)->value_name("FILE"),
      "count tokens exactly by this .tiktoken file; fixed when the index is made")(
      "threads", po::value(&s.indexer.threads)->value_name("N"), "threads (as many as cores)");
  return options;
}

po::options_description strict_options(Settings& s) {
  po::options_description options("Result");
  options.add_options()("strict", po::bool_switch(&s.strict),
                        "exit 1 when a file could not be indexed");
  return options;
}

po::options_description reader_options(Settings& s) {
  po::options_description options("Reader (default: extractive, no model)");
  options.add_options()("reader-url", po::value(&s.reader_urls)->composing()->value_name("URL"),
                        "an OpenAI-compatible endpoint, such as http://127.0.0.1:8080/v1 "
                        "(repeatable); its key: $CALLSLIP_READER_KEY")(
      "reader-model", po::value(&s.reader_model)->value_name("NAME"), "the model to ask for")(
      "reader-concurrency", po::value(&s.reader_concurrency)->value_name("N"),
      "calls at a time (8)")(
      "reader-timeout", po::value(&s.reader_timeout_s)->value_name("SECONDS"), "of one call (30)")(
      "reader-max-calls", po::value(&s.reader_max_calls)->value_name("N"),
      "at most so many calls for one answer (500)")(
      "reader-max-calls-per-day", po::value(&s.reader_max_calls_per_day)->value_name("N"),
      "at most so many calls in a day, UTC (no bound)")(
      "reader-context", po::value(&s.reader_context)->value_name("TOKENS"),
      "the model's context window (what the endpoint tells, up to 32768; else 8192)")(
      "reader-price", po::value(&s.reader_price)->value_name("IN[,OUT]"),
      "price of a million tokens, for --plan")(
      "reader-cache-size", po::value<std::string>()->value_name("SIZE"),
      "what may be kept of verdicts, so that nothing is read twice (256M; 0: nothing)");
  return options;
}

po::options_description serve_options(Settings& s) {
  po::options_description options("Serving");
  options.add_options()("listen", po::value(&s.listen)->value_name("ADDR:PORT"),
                        "where to listen (127.0.0.1:8137; port 0 picks one)")(
      "stdio", po::bool_switch(&s.stdio),
      "speak over stdin and stdout instead; through the server of the same index, if one runs")(
      "path", po::value(&s.serve_paths)->composing()->value_name("PATH"),
      "a PATH, as a configuration file can name it (repeatable)")(
      "watch", po::value<std::string>()->value_name("auto|poll"),
      "how changes of files are noticed: told by the system where it can, or by looking every few "
      "seconds (auto)")("max-watches", po::value(&s.watch.max_directories)->value_name("N"),
                        "folders that the system is asked to watch; the rest is looked at (all)")(
      "allow-origin", po::value(&s.allowed_origins)->composing()->value_name("ORIGIN"),
      "a web page's origin that may connect, besides loopback (repeatable)")(
      "allow-host", po::value(&s.allowed_hosts)->composing()->value_name("HOST"),
      "a Host header to accept, besides loopback (repeatable)")(
      "max-result-tokens", po::value(&s.max_result_tokens)->value_name("N"),
      "upper bound for max_tokens (10000)")(
      "max-connections", po::value(&s.max_connections)->value_name("N"), "at a time (1024)")(
      "max-message-bytes", po::value(&s.max_message_bytes)->value_name("N"),
      "largest message or body of a request taken (16777216)")(
      "workers", po::value(&s.workers)->value_name("N"),
      "threads that answer calls (as many as cores)")(
      "profile", po::value(&s.profile)->value_name("connector"),
      "serve the tools search and fetch instead, as ChatGPT's connectors want them")(
      "conformance-fixtures", po::bool_switch(&s.conformance_fixtures),
      "add what the protocol's conformance suite calls; a test aid, not for use");
  return options;
}

po::options_description access_options(Settings& s) {
  po::options_description options("Access");
  options.add_options()("token-file", po::value(&s.token_files)->composing()->value_name("FILE"),
                        "the tokens that are let in, as `callslip token` writes them; needed when "
                        "the address is not loopback (repeatable)")(
      "tls-cert", po::value(&s.tls_cert)->value_name("FILE"), "serve TLS: the chain, PEM")(
      "tls-key", po::value(&s.tls_key)->value_name("FILE"), "its key, PEM")(
      "oauth-issuer", po::value(&s.oauth_issuer)->value_name("URL"),
      "also let in whom this OAuth 2.1 authorization server vouches for")(
      "oauth-audience", po::value(&s.oauth_audience)->value_name("URL"),
      "the URL of this server, which its tokens must name")(
      "allow-fetch", po::bool_switch(&s.allow_fetch), "add_document may fetch public URLs")(
      "max-connections-per-address", po::value(&s.max_connections_per_address)->value_name("N"),
      "from one address that is not loopback (256)")(
      "max-requests-per-second", po::value(&s.max_requests_per_second)->value_name("N"),
      "of one token, or address that is not loopback; 0: no bound (100)")(
      "max-calls-per-connection", po::value(&s.max_calls_per_connection)->value_name("N"),
      "in flight at a time (64)");
  return options;
}

po::options_description answer_options(Settings& s) {
  po::options_description options("Answer");
  options.add_options()("json", po::bool_switch(&s.json), "print the tool's structured result")(
      "documents", po::value(&s.documents)->composing()->value_name("PATTERN"),
      "only these: a name, folder, path or glob; a leading ! excludes (repeatable)")(
      "max-tokens", po::value(&s.max_tokens)->value_name("N"), "bound of the answer (6000)")(
      "cursor", po::value(&s.cursor)->value_name("CURSOR"), "go on with an earlier answer");
  return options;
}

po::options_description search_options(Settings& s) {
  po::options_description options("Search");
  options.add_options()("keyword", po::value(&s.keywords)->composing()->value_name("WORD"),
                        "a further keyword (repeatable)")(
      "exact", po::value(&s.exact)->composing()->value_name("TEXT"),
      "a literal that every chunk must contain (repeatable)")(
      "limit", po::value(&s.limit)->value_name("N"), "at most so many chunks (20)")(
      "detail", po::value(&s.detail)->value_name("full|snippet|ids"),
      "how much of each chunk (full)")("ranked", po::bool_switch(&s.ranked),
                                       "rank even when everything fits")(
      "expand", po::bool_switch(&s.expand),
      "take instructions about the answer out of QUERY; the reader model adds keywords");
  return options;
}

po::options_description read_options(Settings& s) {
  po::options_description options("Reading");
  options.add_options()("effort", po::value(&s.effort)->value_name("quick|standard|exhaustive"),
                        "how much is read (standard)")(
      "answer", po::bool_switch(&s.answer), "also write an answer (needs a reader model)")(
      "expand", po::bool_switch(&s.expand),
      "prepare the question first: part it from instructions, add keywords")(
      "plan", po::bool_switch(&s.plan), "say what reading would take, and read nothing")(
      "deadline", po::value(&s.deadline_s)->value_name("SECONDS"),
      "return what is known by then (45)")("chunk",
                                           po::value(&s.chunk_ids)->composing()->value_name("ID"),
                                           "return or read only this chunk (repeatable)")(
      "before", po::value(&s.before)->value_name("N"), "neighbours before each chunk")(
      "after", po::value(&s.after)->value_name("N"), "neighbours after each chunk");
  return options;
}

po::options_description limit_options(Settings& s) {
  po::options_description options("List");
  options.add_options()("limit", po::value(&s.limit)->value_name("N"),
                        "more documents than this are rolled up by folder (100)");
  return options;
}

po::options_description connect_options(Settings& s) {
  po::options_description options("Connect");
  options.add_options()("path", po::value(&s.serve_paths)->composing()->value_name("PATH"),
                        "what the front end's server is to serve (repeatable)")(
      "listen", po::value(&s.listen)->value_name("ADDR:PORT"), "of the running server")(
      "url", po::value(&s.server_url)->value_name("URL"),
      "attach to the running server there, such as https://box.lan:8137")(
      "with-token", po::bool_switch(&s.with_token),
      "the server asks for a token: the configuration refers to $CALLSLIP_TOKEN, or holds it where "
      "the front end cannot")("write", po::bool_switch(&s.write),
                              "merge it into the front end's file, of which a copy is kept (.bak)")(
      "scope", po::value(&s.scope)->value_name("project|user"),
      "the file of this project's folder, or that in your home (by front end)")(
      "file", po::value(&s.config_target)->value_name("FILE"), "write this file instead");
  return options;
}

po::options_description token_options(Settings& s) {
  po::options_description options("Token");
  options.add_options()("token-file", po::value(&s.token_files)->composing()->value_name("FILE"),
                        "where tokens are kept, as hashes; made where it is missing")(
      "name", po::value(&s.token_name)->value_name("NAME"), "whose it is (token-1, token-2, ...)")(
      "scope", po::value(&s.token_scope)->value_name("read|write"),
      "what it allows; write includes read (read)")(
      "collection", po::value(&s.token_collections)->composing()->value_name("NAME"),
      "it sees these collections only: the first parts of documents' names (repeatable)")(
      "expires", po::value(&s.token_days)->value_name("DAYS"), "until when it holds (for ever)")(
      "list", po::bool_switch(&s.token_list), "list the tokens instead")(
      "revoke", po::value(&s.token_revoke)->value_name("NAME"),
      "take a token out instead; a running server refuses it at once");
  return options;
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> all{
      {"serve",
       "[PATH...]",
       "serve the tools; PATHs are indexed and kept fresh",
       0,
       kAny,
       {serve_options, access_options, indexing_options, reader_options, general_options}},
      {"index",
       "PATH...",
       "add or refresh files, folders, mailboxes and JSONL collections",
       1,
       kAny,
       {indexing_options, strict_options, general_options}},
      {"search",
       "QUERY",
       "what doc_search answers",
       1,
       kAny,
       {search_options, answer_options, reader_options, general_options}},
      {"read",
       "QUESTION",
       "what read_chunks answers",
       0,
       kAny,
       {read_options, answer_options, reader_options, general_options}},
      {"list",
       "[PATTERN...]",
       "the documents, or folders with counts",
       0,
       kAny,
       {limit_options, answer_options, general_options}},
      {"status", "", "what the index holds", 0, 0, {general_options}},
      {"remove", "PATTERN...", "take documents out of the index", 1, kAny, {general_options}},
      {"token",
       "",
       "make, list or revoke tokens for serve --token-file",
       0,
       0,
       {token_options, general_options}},
      {"connect",
       "FRONTEND",
       "print (or --write) the configuration with which a front end attaches",
       0,
       1,
       {connect_options, general_options}},
  };
  return all;
}

const Command* find_command(const std::string& name) {
  for (const Command& command : commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

}  // namespace callslip
