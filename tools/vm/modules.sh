# Sourced by vm.sh: the modules that Debian leaves out, built against the headers of its kernel from the sources of its
# linux-source package. Uses: kdir suite version release die.
# shellcheck shell=bash

# A program of the kernel's build was built for the suite's C library: it runs with that of the guest's iproute2.
wrap_tool() {
  local tool=$1 real=$1.elf other lib=$kdir/iproute2/lib
  # Newer packages choose among several by what they build for.
  for other in "$tool.real-x86" "$tool.real-lsb-64"; do [ ! -e "$other" ] || real=$other; done
  [ -e "$real" ] || mv "$tool" "$real"
  printf '#!/bin/sh\nexec %s/ld-linux-x86-64.so.2 --library-path %s %s "$@"\n' "$lib" "$lib" "$real" >"$tool.new"
  chmod 755 "$tool.new"
  mv "$tool.new" "$tool"
}

build_modules() (
  work=$kdir/build into=$kdir/root/lib/modules/$release/extra log=$kdir/modules.log
  headers=linux-headers-$release
  for program in gcc make ld strip xz; do type -P "$program" >/dev/null || die "building modules needs $program"; done
  echo "vm: building netdevsim, amt and bareudp for $release from 150 MB of sources" >&2
  rm -rf "$work"
  open_suite "$suite" || die 'apt-get update failed'
  about=$(private_apt "$suite" apt-cache show "$headers")
  kbuild=$(grep -m1 '^Depends:' <<<"$about" | grep -o 'linux-kbuild-[^ ,]*')
  number=$(awk '$1 == "Version:" { print $2; exit }' <<<"$about")
  source=linux-source-$(cut -d. -f1,2 <<<"$release")
  unpack "$suite" "$work/root" "$headers" "${headers%-amd64}-common" "$kbuild" "$source=$number"
  xz -dc "$work/root/usr/src/$source.tar.xz" |
    tar -xf - -C "$work" --wildcards '*/drivers/net/netdevsim' '*/drivers/net/amt.c' '*/drivers/net/bareudp.c'
  mv "$work/$source/drivers/net" "$work/modules"
  echo 'obj-m += netdevsim/ amt.o bareudp.o' >"$work/modules/Kbuild"
  build=$work/root/usr/src/$headers
  # The makefiles name the place where they would be installed.
  sed -i "s#/usr/src/#$work/root/usr/src/#" "$build/Makefile"
  wrap_tool "$work/root/usr/lib/$kbuild/tools/objtool/objtool"
  wrap_tool "$work/root/usr/lib/$kbuild/scripts/mod/modpost"
  # The machine's compiler may be older than the kernel's: what that one has, it may not.
  make -C "$build" M="$work/modules" CC=gcc CONFIG_NETDEVSIM=m CONFIG_AMT=m CONFIG_BAREUDP=m \
    CONFIG_DEBUG_INFO_BTF_MODULES= CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT= -j "$(nproc)" modules >"$log" 2>&1 || {
    tail -20 "$log" >&2
    die "the modules cannot be built, see $log"
  }
  mkdir -p "$into"
  find "$work/modules" -name '*.ko' -exec strip --strip-debug {} + -exec mv -t "$into" {} +
  depmod -b "$kdir/root" "$release" 2>/dev/null
  rm -rf "$work"
)
