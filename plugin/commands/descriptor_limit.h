// How many connections the system lets a server have.
#pragma once

#include <cstddef>

namespace callslip {

/// Raises this process's limit of open files as far as it may, and warns where that is too little
/// for so many connections.
void allow_descriptors(std::size_t connections);

}  // namespace callslip
