# For bash scripts to source: steps, quiet commands with a log, packages. `root` is the checkout.

set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
log=$root/build/${0##*/}.log
mkdir -p build && : >"$log" || exit 1
ticker=

step() { printf '\n%s\n' "$*"; }

stop() {
  printf '\n%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

stop_ticker() {
  [ -n "$ticker" ] || return 0
  { kill "$ticker" && wait "$ticker"; } 2>/dev/null
  ticker=
  printf '\r\033[K' >&2
}

# On a terminal, how long it takes already and the last line of the log.
start_ticker() {
  [ -t 2 ] || return 0
  while sleep 1; do
    printf '\r\033[K   %d s  %.60s' $((SECONDS - began)) \
      "$(tail -n 1 "$log" | tr -cd '[:print:]')" >&2
  done &
  ticker=$!
}

# quietly WHAT COMMAND...: its output goes to the log; stops with the end of it when it fails.
quietly() {
  local what=$1 began=$SECONDS mark code
  shift
  printf '\n== %s\n' "$*" >>"$log"
  mark=$(wc -l <"$log")
  start_ticker
  "$@" >>"$log" 2>&1 </dev/null
  code=$?
  stop_ticker
  [ $code -eq 0 ] && return 0
  tail -n "+$((mark + 1))" "$log" | tail -n 25 | sed 's/^/   | /' >&2
  stop "$what failed (exit code $code). All of its output: $log"
}

packages_of() {
  local kind
  for kind in "$@"; do
    sed -n "s/^$kind: *//p" .ci/packages
  done | tr -s ' ' '\n'
}

missing_packages() {
  comm -23 <(packages_of "$@" | sort -u) \
    <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' | sed -n 's/ installed$//p' | sort -u)
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Before the first as_root: a password is asked for here, where the question is seen.
need_root() {
  [ "$(id -u)" -eq 0 ] && return 0
  local remedy="as root, run
  apt-get update && apt-get install --no-install-recommends $*
and then $0 again"
  command -v sudo >/dev/null || stop "packages are missing, and there is no sudo; $remedy"
  sudo -v || stop "packages are missing, and sudo refused; $remedy"
}

# install_packages KIND...: those of .ci/packages that are missing, through apt.
install_packages() {
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
    stop "this is not Debian; install what .ci/packages names by hand, then build as README.md says"
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} -eq 0 ]; then
    echo "   all there"
    return 0
  fi
  echo "   to install: ${missing[*]}" | fold -s -w 96 | sed '2,$s/^/   /'
  need_root "${missing[@]}"
  # One source that cannot be reached need not matter: the installation will tell.
  start_update() { as_root apt-get update || echo "apt-get update failed"; }
  quietly "apt-get update" start_update
  quietly "apt-get install" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "${missing[@]}"
}
