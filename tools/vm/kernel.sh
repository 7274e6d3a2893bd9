# Sourced by vm.sh: fetches a Debian kernel of one suite, unpacks it into the cache, builds the initramfs.
# Uses: cache suite here die. Sets: kdir (folder of the kernel), release.
# shellcheck shell=bash
shopt -s extglob

kdir=$cache/$suite
base=${suite%-backports}
# Only networking, and what the guest itself stands on: an index ten times smaller makes modprobe that much faster.
boot_modules='virtio_pci virtio_mmio 9pnet_virtio 9p overlay virtio_console'

# apt with sources and lists of its own: those of the machine are neither used nor changed.
private_apt() {
  local tool=$1 wanted=()
  shift
  # Not for a plain suite: it would put the suite above its own security updates.
  [ "$suite" = "$base" ] || wanted=(-o "APT::Default-Release=$suite")
  "$tool" -o Dir::Etc::sourcelist="$kdir/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$kdir/apt/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$kdir/apt/cache" \
    -o APT::Sandbox::User=root -o Acquire::Languages=none -o APT::Architecture=amd64 \
    -o Acquire::Retries=3 ${wanted[@]+"${wanted[@]}"} "$@"
}

# Another suite is taken from wherever the machine gets its own Debian from.
write_sources() {
  local key='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]' uri main='' security=''
  while read -r uri; do
    case $uri in *security*) security=${security:-$uri} ;; *) main=${main:-$uri} ;; esac
  done < <(apt-get indextargets --format '$(REPO_URI)' 'ORIGIN: Debian' | sort -u)
  [ -n "$main" ] || die "the apt sources of this machine name no Debian mirror ('apt-get update' first?)"
  mkdir -p "$kdir"/apt/{lists,cache/archives}/partial
  {
    echo "deb $key $main $base main"
    [ "$suite" = "$base" ] || echo "deb $key $main $suite main"
    [ -z "$security" ] || echo "deb $key $security $base-security main"
  } >"$kdir/apt/sources.list"
}

# The packages behind linux-image-amd64 that hold files: the image, in newer suites also its binary and modules.
kernel_packages() {
  private_apt apt-get -s --no-install-recommends install linux-image-amd64 |
    awk '$1 == "Inst" && $2 ~ /^linux-(image|binary|modules|base)-[0-9]/ { print $2 }'
}

fetch_kernel() {
  local packages deb
  echo "vm: fetching the kernel of Debian $suite into $kdir" >&2
  rm -rf "$kdir"
  write_sources
  private_apt apt-get -qq update >&2 || die 'apt-get update failed'
  packages=$(kernel_packages) && [ -n "$packages" ] || die "there is no linux-image-amd64 in $suite"
  mkdir -p "$kdir/deb" "$kdir/root"
  # shellcheck disable=SC2086
  (cd "$kdir/deb" && private_apt apt-get -qq download $packages >&2) || die "download of $packages failed"
  for deb in "$kdir"/deb/*.deb; do dpkg -x "$deb" "$kdir/root" || die "$deb cannot be unpacked"; done
  [ -d "$kdir/root/lib" ] || ln -s usr/lib "$kdir/root/lib"
  rm -rf "$kdir/deb" "$kdir/apt"
}

# The ELF image inside a bzImage. QEMU starts it by its PVH note, which saves 4 s of emulated decompression.
# Offsets are those of the x86 boot protocol: setup_sects, payload_offset, payload_length.
extract_vmlinux() {
  local image=$1 sectors offset length unpack
  sectors=$(od -An -tu1 -j $((0x1f1)) -N1 "$image")
  offset=$(((sectors + 1) * 512 + $(od -An -tu4 -j $((0x248)) -N4 "$image")))
  length=$(od -An -tu4 -j $((0x24c)) -N4 "$image")
  case $(od -An -tx1 -j "$offset" -N4 "$image" | tr -d ' ') in
    fd377a58) unpack='xz -dc --single-stream' ;;
    28b52ffd) unpack='zstd -dcq' ;;
    1f8b*) unpack='gzip -dc' ;;
    *) return 1 ;;
  esac
  # Not its status but the result counts: four bytes of length follow the payload, and some tools complain.
  tail -c +$((offset + 1)) "$image" | head -c $((length)) | $unpack >"$kdir/vmlinux" 2>/dev/null || true
  [ "$(od -An -tx1 -N4 "$kdir/vmlinux" | tr -d ' ')" = 7f454c46 ] || { rm -f "$kdir/vmlinux"; return 1; }
}

prune_modules() (
  cd "$kdir/root/lib/modules/$release/kernel" || exit 1
  shopt -s nullglob
  rm -rf !(net|crypto|lib|security|arch|fs|drivers|kernel|mm|block)
  rm -rf drivers/!(net|virtio|char|block|ptp|pps|infiniband|vhost|dpll|nfc|connector|dca|target|base|firmware|acpi|pci|usb)
  rm -rf drivers/usb/!(c*) drivers/infiniband/hw drivers/net/{usb,arcnet,hamradio,fddi}
  rm -rf drivers/net/ethernet/!(amazon) drivers/net/wireless/!(virtual|mac80211_hwsim*|virt_wifi*)
  find . -name '*.ko.xz' -print0 | xargs -0 -r -n 64 -P "$(nproc)" xz -d
  find . -name '*.ko.zst' -print0 | xargs -0 -r -n 64 -P "$(nproc)" zstd -dq --rm
)

build_initramfs() {
  local dir module file
  dir=$(mktemp -d)
  mkdir -p "$dir"/{bin,mods,proc,sys,dev,lower,upper,newroot}
  cp "$(type -P busybox)" "$dir/bin/busybox"
  for module in $boot_modules; do
    while read -r _ file _; do
      [ ! -e "$dir/mods/${file##*/}" ] || continue
      cp "$file" "$dir/mods/" && echo "${file##*/}" >>"$dir/mods/order"
    done < <(modprobe -d "$kdir/root" -S "$release" --show-depends "$module" 2>/dev/null | grep '^insmod /')
  done
  install -m 755 "$here/guest/init.sh" "$dir/init"
  cp "$here/guest/main.sh" "$dir/main.sh"
  # Not compressed: reading is cheap in the guest, inflating is not.
  (cd "$dir" && find . | busybox cpio -o -H newc 2>/dev/null) >"$kdir/initrd.new"
  mv "$kdir/initrd.new" "$kdir/initrd"
  rm -rf "$dir"
}

# One at a time: two lanes may ask for the same kernel at once.
prepare_kernel() {
  local image
  mkdir -p "$cache"
  exec 9>"$cache/$suite.lock"
  flock 9
  if [ ! -e "$kdir/release" ]; then
    fetch_kernel
    release=$(ls "$kdir/root/lib/modules")
    for image in "$kdir/root/boot/vmlinuz-$release" "$kdir/root/lib/modules/$release/vmlinuz"; do
      [ ! -e "$image" ] || ln -sf "$image" "$kdir/vmlinuz"
    done
    extract_vmlinux "$kdir/vmlinuz" || echo 'vm: starting the compressed kernel, which takes longer' >&2
    prune_modules
    depmod -b "$kdir/root" "$release" 2>/dev/null
    echo "$release" >"$kdir/release"
  fi
  release=$(cat "$kdir/release")
  for image in "$here/kernel.sh" "$here/guest/init.sh" "$here/guest/main.sh"; do
    [ "$kdir/initrd" -nt "$image" ] || { build_initramfs; break; }
  done
  exec 9>&-
}
