#include "plugin/commands/settings.h"

#include <boost/program_options.hpp>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "plugin/commands/command_options.h"
#include "plugin/commands/settings_check.h"

namespace callslip {
namespace {

namespace po = boost::program_options;

constexpr const char* kOperand = " ";  // a name that nobody types

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
  if (command == nullptr) return usage_error("unknown command \"" + words[0] + "\"");
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
        return usage_error("--config: cannot read " + path, settings.command);
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
    return usage_error(e.what(), settings.command);
  }
  if (const char* key = std::getenv("CALLSLIP_READER_KEY")) settings.reader_key = key;
  if (settings.help || settings.version) return settings;
  if (settings.command == "serve") {
    settings.operands.insert(settings.operands.end(), settings.serve_paths.begin(),
                             settings.serve_paths.end());
  }
  if (settings.operands.size() < command->least_operands) {
    return usage_error(std::string("missing ") + command->operands, settings.command);
  }
  if (settings.operands.size() > command->most_operands) {
    return usage_error("unexpected \"" + settings.operands[command->most_operands] + "\"",
                       settings.command);
  }
  if (Status s = check_settings(settings, values); !s) return s.error();
  return settings;
}

std::string help_text(const std::string& name) {
  std::ostringstream out;
  if (const Command* command = find_command(name)) {
    Settings settings;
    out << "callslip " << command->name << " " << command->operands << "\n  " << command->summary
        << "\n\n";
    for (const OptionGroup group : command->groups) out << group(settings) << "\n";
    out << "Every option can stand in a --config file (name = value) and in the environment\n"
           "(CALLSLIP_NAME).\n";
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
