// The commands: each runs to its end and returns the exit code.
#pragma once

#include <string>

#include "index/index.h"
#include "plugin/commands/settings.h"

namespace callslip {

int run_serve(const Settings& settings);
int run_index(const Settings& settings);
int run_search(const Settings& settings);
int run_read(const Settings& settings);
int run_list(const Settings& settings);
int run_status(const Settings& settings);
int run_remove(const Settings& settings);
int run_connect(const Settings& settings);
int run_token(const Settings& settings);

/// Says what went wrong on stderr; returns 1.
int fail(const Error& error);

/// The index that the settings name, or the default one.
std::string index_directory(const Settings& settings);

}  // namespace callslip
