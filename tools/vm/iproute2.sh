# Sourced by vm.sh: an iproute2 as new as the kernel for the guest, with the C library and all others that it was built
# for, because those of the machine may be older. Uses: kdir suite release die.
# shellcheck shell=bash

# The first of the kernel's own suite, testing and unstable that has an iproute2 of the kernel's version. Backports have
# new kernels, but seldom a new iproute2. Sets: from, found.
choose_iproute2() {
  local kernel=${release%%[-+]*} one have
  kernel=$(cut -d. -f1,2 <<<"$kernel")
  found=''
  for one in "$suite" testing unstable; do
    open_suite "$one" || continue
    have=$(private_apt "$one" apt-cache policy iproute2 | awk '$1 == "Candidate:" { print $2 }')
    if [ -z "$found" ] || dpkg --compare-versions "$have" gt "$found"; then from=$one found=$have; fi
    ! dpkg --compare-versions "$found" ge "$kernel" || return 0
  done
  [ -n "$found" ] || die "there is no iproute2 in $suite"
  echo "vm: no iproute2 as new as the kernel, taking $found" >&2
}

# The libraries among what iproute2 depends on. Those left out are for tools around it: OpenSSL is Kerberos' own business.
iproute2_packages() {
  private_apt "$from" apt-get -s --no-install-recommends install iproute2 |
    awk '$1 == "Inst" && $2 ~ /^(iproute2$|lib|zlib1g$)/ && $2 !~ /^(libssl|libgcc|libc-gconv|libcap2-bin|libdb)|-common$/ { print $2 }'
}

# The machine's loader would take the machine's libraries.
wrapper='#!/bin/sh
export TC_LIB_DIR="${TC_LIB_DIR-/opt/iproute2/lib/tc}"
dir=/opt/iproute2
exec $dir/lib/ld-linux-x86-64.so.2 --library-path $dir/lib "$dir/sbin/${0##*/}" "$@"'

fetch_iproute2() (
  local from found packages file name target files=$kdir/iproute2.files new=$kdir/iproute2.new
  choose_iproute2
  echo "vm: fetching iproute2 $found of Debian $from" >&2
  rm -rf "$kdir/iproute2" "$files" "$new"
  packages=$(iproute2_packages)
  # shellcheck disable=SC2086
  unpack "$from" "$files" $packages
  shopt -s nullglob
  mkdir -p "$new"/{bin,sbin,lib,names/etc/iproute2,names/usr/share/iproute2}
  cp -a "$files"/{,usr/}lib/x86_64-linux-gnu/{*.so*,tc*} "$new/lib/"
  for file in etc/iproute2 usr/share/iproute2; do
    [ ! -e "$files/$file" ] || cp -a "$files/$file/." "$new/names/$file"
  done
  echo "$wrapper" >"$new/wrapper"
  chmod 755 "$new/wrapper"
  for file in "$files"/{,usr/}{bin,sbin}/*; do
    name=${file##*/} target=$(readlink "$file") || true
    # One program may have several names. arpd needs a database, routel is a script.
    if [ -n "$target" ]; then [ "${target##*/}" = "$name" ] || ln -s "${target##*/}" "$new/sbin/$name"
    elif [ "$name" = arpd ] || [ "$(head -c4 "$file" | tail -c3)" != ELF ]; then continue
    else cp "$file" "$new/sbin/"
    fi
    ln -sf ../wrapper "$new/bin/$name"
  done
  for file in "$new"/sbin/*; do
    "$new/lib/ld-linux-x86-64.so.2" --library-path "$new/lib" --list "$file" >/dev/null ||
      die "${file##*/} of iproute2 $found lacks a library"
  done
  rm -rf "$files"
  echo "$found" >"$new/version"
  mv "$new" "$kdir/iproute2"
)
