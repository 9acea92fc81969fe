#include <iostream>
#include <map>

#include "plugin/commands/commands.h"
#include "plugin/commands/settings.h"
#include "plugin/version.h"

int main(int argc, char** argv) {
  using namespace callslip;
  const auto settings = parse_settings(argc, argv);
  if (!settings) {
    std::cerr << "callslip: " << settings.error().message << "\n";
    return 2;
  }
  if (settings->help) {
    std::cout << help_text(settings->command);
    return 0;
  }
  if (settings->version) {
    std::cout << "callslip " << version() << "\n";
    return 0;
  }
  static const std::map<std::string, int (*)(const Settings&)> commands{
      {"serve", run_serve},   {"index", run_index},     {"search", run_search},
      {"read", run_read},     {"list", run_list},       {"status", run_status},
      {"remove", run_remove}, {"connect", run_connect}, {"token", run_token}};
  return commands.at(settings->command)(*settings);
}
