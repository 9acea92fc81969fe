#include "plugin/commands/settings.h"

#include <boost/program_options.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "plugin/reading_services.h"

namespace callslip {
namespace {

namespace po = boost::program_options;

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
      "threads that answer calls (two a core, 8 to 32)")(
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

using OptionGroup = po::options_description (*)(Settings&);

struct Command {
  const char* name;
  const char* operands;
  const char* summary;
  std::size_t least_operands;
  std::size_t most_operands;
  std::vector<OptionGroup> groups;
};

constexpr std::size_t kAny = 1000000;
constexpr const char* kOperand = " ";  // a name that nobody types

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

Error usage(const std::string& message, const std::string& command = "") {
  return {ErrorKind::invalid_argument,
          message + "; see: callslip " + (command.empty() ? "" : command + " ") + "--help"};
}

/// "64M" and the like, in bytes.
Result<std::uint64_t> parse_size(const std::string& option, const std::string& text) {
  std::size_t used = 0;
  double value = 0;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  static const std::string units = "KMG";
  double factor = 1;
  if (used > 0 && used + 1 == text.size()) {
    const std::size_t unit = units.find(static_cast<char>(std::toupper(text[used])));
    if (unit == std::string::npos) used = 0;
    for (std::size_t i = 0; unit != std::string::npos && i <= unit; ++i) factor *= 1024;
  } else if (used != text.size()) {
    used = 0;
  }
  constexpr double kMost = 9.2e18;  // NaN fails both comparisons
  if (used == 0 || !(value > 0) || !(value * factor < kMost))
    return usage("--" + option + ": \"" + text + "\" is not a size like 64M");
  return static_cast<std::uint64_t>(value * factor);
}

/// Boost reads "-5" into an unsigned number as a huge one.
void refuse_negative_numbers(const po::parsed_options& parsed) {
  for (const po::option& option : parsed.options) {
    const auto* description = parsed.description->find_nothrow(option.string_key, false);
    if (description == nullptr) continue;
    const auto* typed = dynamic_cast<const po::typed_value_base*>(description->semantic().get());
    if (typed == nullptr || typed->value_type() == typeid(std::string)) continue;
    for (const std::string& value : option.value) {
      if (value.starts_with('-'))
        throw po::error("--" + option.string_key + ": " + value + " is negative");
    }
  }
}

std::string flag_of_variable(const std::string& variable) {
  std::string flag = variable.substr(std::string("CALLSLIP_").size());
  for (char& c : flag) c = c == '_' ? '-' : static_cast<char>(std::tolower(c));
  return flag;
}

Status check_token(const Settings& s) {
  if (s.command != "token") return {};
  if (s.token_files.size() != 1) return usage("give one --token-file FILE", s.command);
  if (s.token_scope != "read" && s.token_scope != "write") {
    return usage("--scope must be read or write", s.command);
  }
  if (s.token_days > 36500) return usage("--expires must be at most 36500 days", s.command);
  const bool makes = !s.token_name.empty() || !s.token_collections.empty() || s.token_days != 0;
  if (s.token_list && !s.token_revoke.empty()) {
    return usage("--list and --revoke do not go together", s.command);
  }
  if ((s.token_list || !s.token_revoke.empty()) && makes) {
    return usage("--list and --revoke take no option of a new token", s.command);
  }
  return {};
}

Status check(Settings& s, const po::variables_map& values) {
  if (values.count("max-file-size") != 0) {
    auto size = parse_size("max-file-size", values["max-file-size"].as<std::string>());
    if (!size) return size.error();
    s.indexer.max_file_size = *size;
  }
  if (values.count("reader-cache-size") != 0) {
    const auto& text = values["reader-cache-size"].as<std::string>();
    auto size = text == "0" ? Result<std::uint64_t>(0) : parse_size("reader-cache-size", text);
    if (!size) return size.error();
    s.reader_cache_bytes = *size;
  }
  if (values.count("watch") != 0) {
    const auto& how = values["watch"].as<std::string>();
    if (how != "auto" && how != "poll") return usage("--watch must be auto or poll", s.command);
    s.watch.poll = how == "poll";
  }
  if (!s.profile.empty() && s.profile != "connector") {
    return usage("--profile must be connector", s.command);
  }
  const std::uint32_t tokens = s.writer.chunk_tokens;
  if (tokens != 0 && (tokens < 64 || tokens > 4096)) {
    return usage("--chunk-tokens must be 64 to 4096", s.command);
  }
  if (!s.reader_urls.empty() && s.reader_model.empty()) {
    return usage("--reader-url needs --reader-model", s.command);
  }
  if (s.reader_concurrency < 1 || s.reader_concurrency > 4096) {
    return usage("--reader-concurrency must be 1 to 4096", s.command);
  }
  if (s.reader_context != 0 && s.reader_context < 512) {
    return usage("--reader-context must be 512 or more", s.command);
  }
  if (!s.reader_price.empty() && !parse_price(s.reader_price)) {
    return usage("--reader-price: \"" + s.reader_price + "\" is not of the form 0.15,0.60",
                 s.command);
  }
  if (!s.scope.empty() && s.scope != "project" && s.scope != "user") {
    return usage("--scope must be project or user", s.command);
  }
  if (s.max_connections < 1 || s.max_connections_per_address < 1 ||
      s.max_calls_per_connection < 1) {
    return usage(
        "--max-connections, --max-connections-per-address and --max-calls-per-connection must be 1 "
        "or more",
        s.command);
  }
  if (!(s.max_requests_per_second <= 1e9)) {
    return usage("--max-requests-per-second must be 0 to 1000000000", s.command);
  }
  if (!(s.deadline_s > 0)) return usage("--deadline must be above 0", s.command);
  if (!(s.reader_timeout_s > 0)) return usage("--reader-timeout must be above 0", s.command);
  if (s.command == "read" && s.operands.empty() && s.chunk_ids.empty() && s.cursor.empty()) {
    return usage("missing QUESTION (or --chunk, or --cursor)", s.command);
  }
  if (Status token = check_token(s); !token) return token;
  if (s.detail != "full" && s.detail != "snippet" && s.detail != "ids") {
    return usage("--detail must be full, snippet or ids", s.command);
  }
  if (s.effort != "quick" && s.effort != "standard" && s.effort != "exhaustive") {
    return usage("--effort must be quick, standard or exhaustive", s.command);
  }
  return {};
}

}  // namespace

Result<Settings> parse_settings(int argc, const char* const* argv) {
  Settings settings;
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    settings.help = true;
    if (words.size() > 1 && find_command(words[1]) != nullptr) settings.command = words[1];
    return settings;
  }
  if (words[0] == "--version") {
    settings.version = true;
    return settings;
  }
  const Command* command = find_command(words[0]);
  if (command == nullptr) return usage("unknown command \"" + words[0] + "\"");
  settings.command = words[0];
  words.erase(words.begin());

  po::options_description visible;
  for (const OptionGroup group : command->groups) visible.add(group(settings));
  po::options_description all;
  all.add(visible).add_options()(kOperand, po::value(&settings.operands));
  po::positional_options_description positional;
  positional.add(kOperand, -1);
  po::variables_map values;
  try {
    using Style = po::command_line_style::style_t;
    const int style = (po::command_line_style::default_style & ~Style::allow_guessing);
    const auto store = [&values](const po::parsed_options& parsed) {
      refuse_negative_numbers(parsed);
      po::store(parsed, values);
    };
    store(po::command_line_parser(words).options(all).positional(positional).style(style).run());
    // A variable of another command's option is no error: the environment serves all.
    store(po::parse_environment(visible, [&](const std::string& name) -> std::string {
      if (!name.starts_with("CALLSLIP_")) return "";
      const std::string flag = flag_of_variable(name);
      return visible.find_nothrow(flag, false) != nullptr ? flag : "";
    }));
    if (values.count("config") != 0) {
      const auto path = values["config"].as<std::string>();
      std::ifstream file(path);
      std::stringstream text;
      text << file.rdbuf();
      if (!file || std::filesystem::is_directory(path))
        return usage("--config: cannot read " + path, settings.command);
      // Options of other commands may stand in the file too; misspelt ones may not.
      Settings scratch;
      po::options_description known;
      for (const Command& other : commands()) {
        for (const OptionGroup group : other.groups) {
          const po::options_description described = group(scratch);  // outlives the loop
          for (const auto& option : described.options()) {
            if (known.find_nothrow(option->long_name(), false) == nullptr) known.add(option);
          }
        }
      }
      po::parse_config_file(text, known);
      text.clear();
      text.seekg(0);
      store(po::parse_config_file(text, visible, true));
    }
    po::notify(values);
  } catch (const po::error& e) {
    return usage(e.what(), settings.command);
  }
  if (const char* key = std::getenv("CALLSLIP_READER_KEY")) settings.reader_key = key;
  if (settings.help || settings.version) return settings;
  if (settings.command == "serve") {
    settings.operands.insert(settings.operands.end(), settings.serve_paths.begin(),
                             settings.serve_paths.end());
  }
  if (settings.operands.size() < command->least_operands) {
    return usage(std::string("missing ") + command->operands, settings.command);
  }
  if (settings.operands.size() > command->most_operands) {
    return usage("unexpected \"" + settings.operands[command->most_operands] + "\"",
                 settings.command);
  }
  if (Status s = check(settings, values); !s) return s.error();
  return settings;
}

std::string help_text(const std::string& name) {
  std::ostringstream out;
  if (const Command* command = find_command(name)) {
    Settings settings;
    const std::string operands =
        *command->operands == 0 ? "" : std::string(" ") + command->operands;
    out << "callslip " << command->name << operands << "\n  " << command->summary << "\n\n";
    for (const OptionGroup group : command->groups) out << group(settings) << "\n";
    out << "Every option can stand in a --config file (index = DIR) and in the environment\n"
           "(CALLSLIP_INDEX=DIR; for each - a _).\n";
    return out.str();
  }
  out << "callslip: search and chunk-by-chunk reading of documents and code, as tools for language "
         "models\n\n";
  for (const Command& command : commands()) {
    std::string usage_line = std::string(command.name) + " " + command.operands;
    usage_line.resize(std::max<std::size_t>(usage_line.size(), 20), ' ');
    out << "  callslip " << usage_line << "  " << command.summary << "\n";
  }
  out << "\ncallslip COMMAND --help shows a command's options.\n"
         "Exit codes: 0 done; 1 it failed; 2 the command line is wrong.\n";
  return out.str();
}

}  // namespace callslip
