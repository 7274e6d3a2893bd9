#!/usr/bin/env bash
# Fetches the kernel's headers (linux-libc-dev) of the newest suite into the cache and prints two lines: the folder
# that holds linux/, and the version. Nothing is installed: /usr/include is the machine's own.
set -euo pipefail
die() { echo "drift: $*" >&2; exit 125; }
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${TSROUTE2_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tsroute2-vm}
suite=trixie-backports
# shellcheck source-path=SCRIPTDIR/../vm
. "$tools/vm/apt.sh"
kdir=$cache/headers-$suite
# New ones come every few weeks: to ask once a day is enough.
fresh=$(find "$kdir/version" -mtime -1 2>/dev/null || true)

fetch_headers() {
  local new=$kdir/new
  rm -rf "$new" "$kdir/apt" && mkdir -p "$new/deb"
  open_suite "$suite" || return 1
  (cd "$new/deb" && private_apt "$suite" apt-get -qq download linux-libc-dev >&2) || return 1
  dpkg -x "$new"/deb/*.deb "$new/root" || return 1
  dpkg-deb -f "$new"/deb/*.deb Version >"$new/version"
  rm -rf "$kdir/root" "$kdir/apt" "$new/deb"
  mv "$new/root" "$kdir/root" && mv "$new/version" "$kdir/version"
  rm -rf "$new"
}

mkdir -p "$cache"
exec 9>"$cache/headers-$suite.lock"
flock 9
if [ -z "$fresh" ]; then
  echo "drift: fetching the kernel's headers of Debian $suite into $kdir" >&2
  (fetch_headers) || { [ -e "$kdir/version" ] || die 'the headers cannot be fetched'; echo "drift: not reachable, using those of before" >&2; }
fi
echo "$kdir/root/usr/include"
cat "$kdir/version"
