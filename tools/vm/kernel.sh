# Sourced by vm.sh: fetches a Debian kernel of one suite, unpacks it into the cache, builds the initramfs.
# Uses: cache suite version modules kdir here die. Sets: release initrd.
# shellcheck shell=bash
shopt -s extglob

# Only networking, and what the guest itself stands on: an index ten times smaller makes modprobe that much faster.
boot_modules='virtio_pci virtio_mmio 9pnet_virtio 9p overlay virtio_console'

# The packages behind the newest image of a version that hold files: the image, in newer suites also its binary and modules.
kernel_packages() {
  local image
  # A suite of backports has many versions, and its own choice moves on.
  image=$(private_apt "$suite" apt-cache pkgnames "linux-image-$version." | grep -E '[0-9](\+deb[0-9.]+)?-amd64$' |
    sort -V | tail -1)
  [ -n "$image" ] || {
    image=linux-image-amd64
    echo "vm: Debian $suite has no kernel $version any more, taking what it has" >&2
  }
  private_apt "$suite" apt-get -s --no-install-recommends install "$image" |
    awk '$1 == "Inst" && $2 ~ /^linux-(image|binary|modules|base)-[0-9]/ { print $2 }'
}

fetch_kernel() {
  local packages
  echo "vm: fetching kernel $version of Debian $suite into $kdir" >&2
  rm -rf "$kdir"
  mkdir -p "$kdir"
  open_suite "$suite" || die 'apt-get update failed'
  packages=$(kernel_packages) && [ -n "$packages" ] || die "there is no linux-image-amd64 in $suite"
  # shellcheck disable=SC2086
  unpack "$suite" "$kdir/root" $packages
  [ -d "$kdir/root/lib" ] || ln -s usr/lib "$kdir/root/lib"
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
  (cd "$dir" && find . | busybox cpio -o -H newc 2>/dev/null) >"$initrd.$$"
  mv "$initrd.$$" "$initrd"
  rm -rf "$dir"
}

# One at a time: two lanes may ask for the same kernel at once.
prepare_kernel() {
  local image
  exec 9>"$kdir.lock"
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
  [ -e "$kdir/iproute2/version" ] || fetch_iproute2
  [ -z "$modules" ] || [ -e "$kdir/root/lib/modules/$release/extra/netdevsim.ko" ] || build_modules
  rm -rf "$kdir/apt"
  # By contents: several trees, and changed copies of them, share the cache.
  initrd=$kdir/initrd-$(cat "$here/kernel.sh" "$here"/guest/*.sh | cksum | cut -d' ' -f1)
  [ -e "$initrd" ] || {
    find "$kdir" -maxdepth 1 -name 'initrd*' -mtime +0 -delete
    build_initramfs
  }
  exec 9>&-
}
