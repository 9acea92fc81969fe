// Reasons that a change of ParseOptions would take away: said by parsers, in the same words.
#pragma once

#include "index/result.h"

namespace callslip {

/// `tried`: passwords were given, and none fits.
inline Error encrypted_error(bool tried) {
  return {ErrorKind::unsupported, tried ? "encrypted, and no --password that was given fits"
                                        : "encrypted: give its password with --password"};
}

}  // namespace callslip
