# Sourced by vm.sh: apt with sources and lists of its own; those of the machine are neither used nor changed.
# Uses: kdir die.
# shellcheck shell=bash

# private_apt SUITE TOOL ARGUMENT...
private_apt() {
  local from=$1 tool=$2 dir=$kdir/apt/$1 wanted=()
  shift 2
  # Not for a plain suite: it would put the suite above its own security updates.
  [ "$from" = "${from%-backports}" ] || wanted=(-o "APT::Default-Release=$from")
  "$tool" -o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$dir/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$dir/cache" \
    -o APT::Sandbox::User=root -o Acquire::Languages=none -o APT::Architecture=amd64 \
    -o Acquire::Retries=3 ${wanted[@]+"${wanted[@]}"} "$@"
}

# Another suite is taken from wherever the machine gets its own Debian from.
write_sources() {
  local from=$1 base=${1%-backports} dir=$kdir/apt/$1 uri main='' security=''
  local key='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
  while read -r uri; do
    case $uri in *security*) security=${security:-$uri} ;; *) main=${main:-$uri} ;; esac
  done < <(apt-get indextargets --format '$(REPO_URI)' 'ORIGIN: Debian' | sort -u)
  [ -n "$main" ] || die "the apt sources of this machine name no Debian mirror ('apt-get update' first?)"
  mkdir -p "$dir"/{lists,cache/archives}/partial
  {
    echo "deb $key $main $base main"
    [ "$from" = "$base" ] || echo "deb $key $main $from main"
    case $from in
      testing | unstable) ;;
      *) [ -z "$security" ] || echo "deb $key $security $base-security main" ;;
    esac
  } >"$dir/sources.list"
}

# The lists of a suite, fetched once in a run.
open_suite() {
  [ ! -e "$kdir/apt/$1/open" ] || return 0
  write_sources "$1"
  private_apt "$1" apt-get -qq update >&2 && : >"$kdir/apt/$1/open"
}

# unpack SUITE FOLDER PACKAGE...
unpack() {
  local from=$1 into=$2 deb debs
  shift 2
  debs=$(mktemp -d "$kdir/deb.XXXXXX")
  (cd "$debs" && private_apt "$from" apt-get -qq download "$@" >&2) || die "download of $* failed"
  mkdir -p "$into"
  for deb in "$debs"/*.deb; do dpkg -x "$deb" "$into" || die "$deb cannot be unpacked"; done
  rm -rf "$debs"
}
