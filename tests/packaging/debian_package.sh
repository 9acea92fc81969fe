#!/bin/bash
# Makes the Debian package of a build, looks into it, and checks its unit.
# debian_package.sh BUILD OUT: leaves OUT/callslip.deb, and its files below OUT/root.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
build=$1
out=$2

rm -rf "$out"
mkdir -p "$out"
cpack --config "$build/CPackConfig.cmake" -B "$out/cpack" >"$out/cpack.log" 2>&1 ||
  { cat "$out/cpack.log" >&2; fail "cpack"; }
mv "$out"/cpack/callslip_*.deb "$out/callslip.deb"
deb=$out/callslip.deb
dpkg-deb -x "$deb" "$out/root"
dpkg-deb -e "$deb" "$out/control"
cat "$out/control/control"

field() { dpkg-deb -f "$deb" "$1"; }
expect "it is called callslip" test "$(field Package)" = callslip
expect "it is for this machine" test "$(field Architecture)" = "$(dpkg --print-architecture)"
for library in libc6 libxapian libcurl libsqlite3 libboost-program-options libyaml libicu; do
  expect "it depends on $library" grep -q "$library" <<<"$(field Depends)"
done
expect "it depends on no development package" bash -c "! grep -q -- -dev <<<'$(field Depends)'"
expect "its configuration is the administrator's" \
  test "$(cat "$out/control/conffiles")" = /etc/callslip/callslip.conf

files=$(dpkg-deb -c "$deb")
has() { grep -qE "^$1 root/root +[0-9]+ .* \./$2$" <<<"$files"; }
expect "the binary" has -rwxr-xr-x usr/bin/callslip
expect "the unit" has -rw-r--r-- usr/lib/systemd/system/callslip.service
expect "the configuration" has -rw-r--r-- etc/callslip/callslip.conf
expect "the manual page" has -rw-r--r-- usr/share/man/man1/callslip.1.gz
for document in copyright changelog.gz README.Debian README.md docs/INSTALL.md; do
  expect "$document" has -rw-r--r-- "usr/share/doc/callslip/$document"
done
expect "nothing is anybody's to write" bash -c "! grep -qE '^.{5}w|^.{8}w' <<<'$files'"
expect "nothing else" test "$(grep -vc '/$' <<<"$files")" -le 30

man=$(zcat "$out/root/usr/share/man/man1/callslip.1.gz")
for section in SERVE CONNECT FILES; do
  expect "the manual has $section" grep -q "^.SH $section" <<<"$man"
done
expect "the binary is stripped" bash -c "! readelf -S '$out/root/usr/bin/callslip' | grep -q debug_info"
expect "it looks for libraries where the system has them" \
  bash -c "! readelf -d '$out/root/usr/bin/callslip' | grep -qE 'RPATH|RUNPATH'"

unit=usr/lib/systemd/system/callslip.service
# Verified where its command is.
sed "s|ExecStart=/usr|ExecStart=$out/root/usr|" "$out/root/$unit" >"$out/callslip.service"
complaints=$(SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "$out/callslip.service" 2>&1) ||
  fail "systemd-analyze verify: $complaints"
expect "systemd-analyze has nothing to say of the unit: $complaints" \
  bash -c "! grep -q callslip <<<'$complaints'"
systemd-analyze security --offline=true --no-pager "$out/root/$unit" >"$out/security.txt" 2>&1 || true
tail -n 3 "$out/security.txt"
exposed() {
  systemd-analyze security --offline=true --threshold=19 --no-pager "$out/root/$unit" >/dev/null 2>&1
}
expect "its exposure is below 2.0" exposed
