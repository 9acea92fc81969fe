#!/bin/bash
# Installs the package with apt into a fresh Debian (debootstrap), and uses it there.
# chroot.sh DEB WORK: WORK/base keeps the bare system for the next time.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
deb=$1
work=$2
root=$work/root

[ "$(id -u)" -eq 0 ] || skip "a chroot needs root"
command -v debootstrap >/dev/null || skip "debootstrap is not installed (.ci/packages, test)"

# From where this machine has its own packages, through what apt is told.
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME) $(COMPONENT)' 2>/dev/null |
  sed -n "s/ $suite main$//p" | head -n 1) || true
[ -n "$suite" ] && [ -n "$mirror" ] || skip "apt names no mirror of $suite with its main packages"

unmount() { mountpoint -q "$1" && umount -l "$1" || true; }
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  unmount "$root/proc"
  unmount "$root/dev"
  rm -rf --one-file-system "$root"
}
trap finish EXIT
server=

if [ ! -e "$work/base/complete" ]; then
  rm -rf --one-file-system "$work/base"
  mkdir -p "$work"
  if ! debootstrap --variant=minbase "$suite" "$work/base" "$mirror" >"$work/debootstrap.log" 2>&1; then
    tail -n 5 "$work/debootstrap.log" >&2
    unmount "$work/base/proc"
    skip "debootstrap cannot make a system here: no network, or not allowed to"
  fi
  touch "$work/base/complete"
fi
rm -rf --one-file-system "$root"
cp -a "$work/base" "$root"
mkdir -p "$root/proc" "$root/dev"
mount -t proc proc "$root/proc" || skip "/proc cannot be mounted here"
mount --bind /dev "$root/dev" || skip "/dev cannot be mounted here"
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
cp /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
rm -f "$root"/etc/apt/apt.conf.d/*docker* "$root"/etc/apt/apt.conf.d/*packagekit* \
  "$root"/etc/apt/apt.conf.d/*appstream* "$root"/etc/apt/apt.conf.d/*postgresql*
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
cp "$deb" "$root/root/callslip.deb"

# inside COMMAND...: in the chroot, with its own environment.
into=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
  DEBIAN_FRONTEND=noninteractive chroot "$root")
inside() { "${into[@]}" "$@"; }

inside apt-get -q update >"$work/apt.log" 2>&1 ||
  { tail -n 5 "$work/apt.log" >&2; skip "apt reaches no packages from the chroot"; }
inside apt-get -qy --no-install-recommends install /root/callslip.deb >>"$work/apt.log" 2>&1 ||
  { tail -n 15 "$work/apt.log" >&2; fail "apt-get install ./callslip.deb"; }
expect "dpkg has it installed" \
  test "$(inside dpkg-query -W -f '${db:Status-Status}' callslip)" = installed
libraries=$(inside ldd /usr/bin/callslip)
expect "it has its libraries" grep -q libxapian <<<"$libraries"
expect "every library is found" bash -c "! grep 'not found' <<<'$libraries'"

inside callslip --version
mkdir -p "$root/srv/documents"
echo "A heron stands in the reeds of Lake Ladoga." >"$root/srv/documents/heron.md"
expect "it indexes" inside callslip index /srv/documents
answer=$(inside callslip search "where is the heron?")
expect "it finds: $answer" grep -q "reeds of Lake Ladoga" <<<"$answer"
answer=$(inside callslip read "Where does the heron stand?")
expect "it reads: $answer" grep -q "reeds of Lake Ladoga" <<<"$answer"

# As the service runs it: with the configuration of the package, as a user without rights.
sed -i 's|^#path = .*|path = /srv/documents|; s|^listen = .*|listen = 127.0.0.1:0|' \
  "$root/etc/callslip/callslip.conf"
install -d -o nobody -g nogroup -m 700 "$root/var/lib/callslip"
"${into[@]}" setpriv --reuid=nobody --regid=nogroup --clear-groups --no-new-privs \
  --bounding-set=-all callslip serve --config /etc/callslip/callslip.conf 2>"$work/serve.log" &
server=$!
for _ in $(seq 300); do
  grep -q "listening on" "$work/serve.log" && break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
port=$(sed -n 's|.*listening on http://127.0.0.1:||p' "$work/serve.log")
[ -n "$port" ] || { cat "$work/serve.log" >&2; fail "the server did not start"; }
call='{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"doc_search","arguments":{"query":"heron"}}}'
answer=$(printf '%s\n' "$call" | inside setpriv --reuid=nobody --regid=nogroup --clear-groups \
  callslip serve --stdio --index /var/lib/callslip/index 2>"$work/stdio.log")
kill "$server"
wait "$server" || fail "the server ended with $?"
server=
expect "what serves attaches the next: $(cat "$work/stdio.log")" \
  grep -q "attached to the server" "$work/stdio.log"
expect "it answers: $answer" grep -q "reeds of Lake Ladoga" <<<"$answer"

echo "# mine" >>"$root/etc/callslip/callslip.conf"
inside dpkg --force-confold -i /root/callslip.deb >>"$work/apt.log" 2>&1 || fail "dpkg -i, again"
expect "installed again, the configuration stays the administrator's" \
  grep -q "# mine" "$root/etc/callslip/callslip.conf"
inside apt-get -qy purge callslip >>"$work/apt.log" 2>&1 || fail "apt-get purge"
for left in etc/callslip var/lib/callslip usr/bin/callslip usr/share/doc/callslip; do
  expect "$left is gone" test ! -e "$root/$left"
done
