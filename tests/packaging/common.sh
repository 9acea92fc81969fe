# For the scripts here to source: failing, skipping, and ends that clean up.
set -euo pipefail

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# ctest shows the reason and counts the test as skipped, not as passed.
skip() {
  echo "SKIPPED: $*" >&2
  exit 77
}

# expect WHAT COMMAND...: it succeeds.
expect() {
  local what=$1
  shift
  "$@" || fail "$what: $*"
  echo "ok: $what"
}
