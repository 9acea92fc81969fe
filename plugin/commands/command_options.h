// CommandOptions: the commands of the command line, and the options of each. A command is one line
// in commands(); an option is one entry of its group.
//
// Pure functions; any thread.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "plugin/commands/settings.h"

namespace callslip {

/// Options that go together, bound to the members of the settings, which outlive them.
using OptionGroup = boost::program_options::options_description (*)(Settings&);

struct Command {
  const char* name;
  const char* operands;
  const char* summary;
  std::size_t least_operands;
  std::size_t most_operands;
  std::vector<OptionGroup> groups;
};

const std::vector<Command>& commands();

/// Null for what is no command.
const Command* find_command(const std::string& name);

}  // namespace callslip
