// SettingsCheck: whether what was set makes sense, and the values that are not plain numbers.
#pragma once

#include <boost/program_options/variables_map.hpp>
#include <string>

#include "index/result.h"
#include "plugin/commands/settings.h"

namespace callslip {

/// ErrorKind::invalid_argument, with where the help stands.
Error usage_error(const std::string& message, const std::string& command = "");

/// Takes sizes and choices from `values`. Errors: usage_error.
Status check_settings(Settings& settings, const boost::program_options::variables_map& values);

}  // namespace callslip
