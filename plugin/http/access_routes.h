// The routes of access, made of the gate alone: the page's login, and the metadata of OAuth.
//
// Functions without state. A null gate: nobody is asked who they are.
#pragma once

#include <vector>

#include "plugin/http/http_route.h"

namespace callslip {

std::vector<HttpRoute> login_routes(const Gate* gate);
std::vector<HttpRoute> oauth_metadata_routes(const Gate* gate);

}  // namespace callslip
