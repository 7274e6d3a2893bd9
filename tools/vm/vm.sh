#!/usr/bin/env bash
# Runs a command as root in a stock Debian kernel with all its networking modules: QEMU over this machine's own root,
# read-only, with an overlay in memory. Nothing that the command writes stays, except below --rw.
#
#   npm run vm -- [OPTION...] COMMAND [ARGUMENT...]
#
#   --suite S      bookworm (6.1, default), bookworm-backports (6.12), trixie-backports (7.2)
#   --kernel V     another version of the suite, 7.3
#   --rw DIR       this folder is the host's own, writable        --cwd DIR     where to run, instead of here
#   -m MOD,MOD     load these modules first                       -e NAME[=V]   pass or set a variable
#   --timeout SEC  --memory MIB  --cpus N  --accel auto|tcg|kvm
#   --console FILE the kernel's console, afterwards      -v            the same on stderr
#   --modules      with netdevsim, amt and bareudp, which Debian leaves out: built once
#   --prepare      only install what is missing and fetch the kernel
#
# Status: the command's; 124 timeout; 125 the machine died or could not be started. Whenever it is not 0, the end of the
# kernel's console follows on stderr.
# TSROUTE2_VM_CACHE (default ~/.cache/tsroute2-vm) keeps the kernels.
set -euo pipefail
{ # read to its end before it runs, so that it may be changed meanwhile
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin:/sbin
die() { echo "vm: $*" >&2; exit 125; }

# npm moves to the package's folder; the user was elsewhere.
arguments=("$@")
cwd=$PWD
[ "${npm_lifecycle_event:-}" != vm ] || cwd=${INIT_CWD:-$PWD}
cache=${TSROUTE2_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tsroute2-vm}
suite=bookworm version='' timeout=0 memory=3072 cpus=1 accel=auto load='' verbose='' prepare='' console='' modules=''
writable=() variables=()
while [ $# -gt 0 ]; do
  case $1 in
    --suite) suite=$2; shift 2 ;;
    --kernel) version=$2; shift 2 ;;
    --rw) mkdir -p "$2"; writable+=("$(realpath "$2")"); shift 2 ;;
    --cwd) cwd=$(realpath "$2"); shift 2 ;;
    -m) load=${2//,/ }; shift 2 ;;
    -e) variables+=("$2"); shift 2 ;;
    --timeout) timeout=$2; shift 2 ;;
    --memory) memory=$2; shift 2 ;;
    --cpus) cpus=$2; shift 2 ;;
    --accel) accel=$2; shift 2 ;;
    --console) console=$(realpath "$2"); shift 2 ;;
    -v) verbose=1; shift ;;
    --modules) modules=1; shift ;;
    --prepare) prepare=1; shift ;;
    --) shift; break ;;
    -*) die "unknown option $1" ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || [ -n "$prepare" ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '/^set/d' >&2; exit 125; }
case $suite in
  bookworm) version=${version:-6.1} ;;
  bookworm-backports | trixie) version=${version:-6.12} ;;
  trixie-backports) version=${version:-7.2} ;;
  *) die "unknown suite $suite" ;;
esac
kdir=$cache/$suite-$version

# A machine that lost its RTNL lock would hang in apt's resolver.
if [ "${TSROUTE2_RTNL:-}" != dead ] && [ ! -e "$kdir/release" ] && ! bash "$here/rtnetlink.sh" probe; then
  exec bash "$here/rtnetlink.sh" run bash "$0" "${arguments[@]}"
fi

install_programs() {
  local missing=()
  type -P qemu-system-x86_64 >/dev/null || missing+=(qemu-system-x86)
  # The guest starts with nothing else, so it has to be the static one.
  { type -P busybox && ! ldd "$(type -P busybox)"; } >/dev/null 2>&1 || missing+=(busybox-static)
  { type -P depmod && type -P modprobe; } >/dev/null || missing+=(kmod)
  type -P xz >/dev/null || missing+=(xz-utils)
  type -P zstd >/dev/null || missing+=(zstd)
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(uname -m)" = x86_64 ] || die "needs x86-64, this is $(uname -m)"
  [ "$(id -u)" = 0 ] && type -P apt-get >/dev/null || die "missing: sudo apt-get install ${missing[*]}"
  echo "vm: apt-get install ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  { apt-get -qq update && apt-get -qq install -y --no-install-recommends "${missing[@]}"; } >&2 ||
    die "cannot install ${missing[*]}"
}

# One at a time: two lanes may start at once, and apt's own lock refuses the second.
mkdir -p "$cache"
exec 9>"$cache/programs.lock"
flock 9
install_programs
exec 9>&-
# shellcheck source-path=SCRIPTDIR
. "$here/apt.sh"
. "$here/iproute2.sh"
. "$here/modules.sh"
. "$here/kernel.sh"
prepare_kernel
if [ $# = 0 ]; then
  echo "$release"
  exit 0
fi

# Quotes as every POSIX shell reads them; printf %q is bash's own.
quote() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

job=$(mktemp -d "${TMPDIR:-/tmp}/tsroute2-vm.XXXXXX")
qemu=''
finish() {
  [ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
  rm -rf "$job"
}
trap finish EXIT
trap 'exit 130' INT TERM
mkdir "$job/share"

write_job() {
  local v i=0
  : >"$job/share/writable"
  shares=()
  for v in ${writable[@]+"${writable[@]}"}; do
    echo "$v" >>"$job/share/writable"
    shares+=(-virtfs "local,path=$v,mount_tag=rw$i,security_model=none,multidevs=remap")
    i=$((i + 1))
  done
  printf 'now=%s release=%s modules=%s iproute2=%s load=%s\n' "$(date +%s)" "$release" \
    "$(quote "$kdir/root/lib/modules/$release")" "$(quote "$kdir/iproute2")" "$(quote "$load")" >"$job/share/settings"
  {
    for v in PATH HOME USER LOGNAME LANG LC_ALL TZ CI FORCE_COLOR NO_COLOR NODE_PATH NODE_ENV TSROUTE2_ADDON; do
      [ -z "${!v+x}" ] || echo "export $v=$(quote "${!v}")"
    done
    for v in ${variables[@]+"${variables[@]}"}; do
      case $v in
        *=*) echo "export ${v%%=*}=$(quote "${v#*=}")" ;;
        *) [ -z "${!v+x}" ] || echo "export $v=$(quote "${!v}")" ;;
      esac
    done
    echo "export TERM=dumb TSROUTE2_VM=$release"
    # Not below /run, which lanes replace, nor in the cache, which an ordinary user may not enter.
    echo 'export PATH=/opt/iproute2/bin:$PATH'
    echo "cd $(quote "$cwd") || exit 125"
    printf exec
    for v in "$@"; do printf ' %s' "$(quote "$v")"; done
    echo
  } >"$job/share/command"
}

# rcu_expedited: removing namespaces and links waits for grace periods all the time.
kernel_line='console=ttyS0 panic=-1 nokaslr mitigations=off audit=0 selinux=0 apparmor=0 nowatchdog init_on_alloc=0
random.trust_cpu=on rcupdate.rcu_expedited=1 cryptomgr.notests tsc=nowatchdog 8250.nr_uarts=1 quiet loglevel=4'

# Starts the machine with one kind of processor; the status of qemu.
start() {
  local kind=$1 machine=pc cpu=max,la57=off acceleration=tcg,thread=multi,tb-size=512 kernel=$kdir/vmlinux code=0
  [ "$kind" != kvm ] || { machine=q35 cpu=host acceleration=kvm; }
  [ -e "$kernel" ] || kernel=$kdir/vmlinuz
  # Whoever reads our output may leave early (head); the command goes on.
  { cat || cat >/dev/null; } <"$job/out" 2>/dev/null &
  readers=$!
  { cat >&2 || cat >/dev/null; } <"$job/err" &
  readers="$readers $!"
  timeout --foreground -k 5 "$timeout" qemu-system-x86_64 -no-user-config -nodefaults -display none -no-reboot \
    -machine "$machine" -accel "$acceleration" -cpu "$cpu" -smp "$cpus" -m "$memory" \
    -kernel "$kernel" -initrd "$initrd" -append "${kernel_line//$'\n'/ }" \
    -chardev "file,id=console,path=$job/console" -serial chardev:console \
    -virtfs 'local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap' \
    -virtfs "local,path=$job/share,mount_tag=job,security_model=none" "${shares[@]}" \
    -device virtio-serial-pci \
    -chardev "file,id=out,path=$job/out,append=on" -device virtserialport,chardev=out,name=out \
    -chardev "file,id=err,path=$job/err,append=on" -device virtserialport,chardev=err,name=err \
    </dev/null 2>"$job/qemu" &
  qemu=$!
  wait "$qemu" || code=$?
  qemu=''
  # Readers of a machine that never opened its ends would wait for ever.
  exec 7<>"$job/out" 8<>"$job/err"
  exec 7>&- 8>&-
  # shellcheck disable=SC2086
  wait $readers || true
  return "$code"
}

write_job "$@"
mkfifo "$job/out" "$job/err"
# Processors without vmx or svm may offer /dev/kvm by other means (PVM), which cannot run a stock kernel.
if [ "$accel" = auto ]; then
  accel=tcg
  if [ -w /dev/kvm ] && grep -qE '^flags.* (vmx|svm)\b' /proc/cpuinfo; then accel=kvm-or-tcg; fi
fi
code=0
start "${accel%-or-tcg}" || code=$?
if [ "$accel" = kvm-or-tcg ] && [ "$code" != 124 ] && ! grep -q . "$job/share/status" 2>/dev/null; then
  echo 'vm: KVM did not carry it, emulating' >&2
  code=0
  start tcg || code=$?
fi
[ -z "$verbose" ] || cat "$job/console" "$job/qemu" >&2
[ -z "$console" ] || cp "$job/console" "$console"
[ ! -s "$job/share/modprobe" ] || sed 's/^/vm: /' "$job/share/modprobe" >&2

# ends LINES WORDS: what happened, and the end of the console.
ends() {
  [ -n "$verbose" ] || {
    echo "vm: $2; the end of its console:"
    tail -n "$1" "$job/console" | tr -d '\r'
    # A trace is longer than that, and its reason is above it.
    sed -nE '/Kernel panic|BUG:|Oops:/s/^/vm: the kernel said: /p' "$job/console" | head -n 3 | tr -d '\r'
    cat "$job/qemu"
  } >&2
}
if [ -s "$job/share/status" ]; then
  code=$(cat "$job/share/status")
  [ "$code" = 0 ] || [ ! -s "$job/console" ] || ends 10 "the command ended with $code"
  exit "$code"
fi
if [ "$code" = 124 ] || [ "$code" = 137 ]; then
  ends 20 "the machine was stopped after $timeout s"
  exit 124
fi
ends 40 'the machine ended without a status'
exit 125
}
