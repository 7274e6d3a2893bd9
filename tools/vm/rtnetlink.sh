#!/usr/bin/env bash
# What to do on a machine whose rtnetlink hangs: a task that died holding the RTNL lock keeps it until the next boot, and
# whoever asks for a link or an address then waits in a way that no signal ends.
#
#   rtnetlink.sh probe             0 when rtnetlink answers, 1 when it does not (within 10 s)
#   rtnetlink.sh run COMMAND...    runs it so that route netlink sockets cannot be opened and Node.js sees no interface
#
# `run` exports TSROUTE2_RTNL=dead. Under it nothing probes again, and what needs rtnetlink goes to the virtual machine.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${TSROUTE2_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tsroute2-vm}

probe() {
  [ "${TSROUTE2_RTNL:-}" != dead ] || return 1
  local answer question=(sh -c 'getent ahosts localhost; true') i
  # A resolver asks for the addresses of this machine: the only question that the barest machine can put.
  PATH=$PATH:/usr/sbin:/sbin type -P ip >/dev/null && question=(ip link show lo)
  answer=$(mktemp)
  # Never waited for, in a session of its own, and holding none of our files.
  PATH=$PATH:/usr/sbin:/sbin setsid sh -c '"$@"; echo $? >"$0"' "$answer" "${question[@]}" </dev/null >/dev/null 2>&1 &
  disown
  for ((i = 0; i < 100; i++)); do
    [ ! -s "$answer" ] || break
    sleep 0.1
  done
  i=$(cat "$answer")
  rm -f "$answer"
  [ "${i:-hangs}" = 0 ]
}

run() {
  local filter=$cache/nortnl
  if [ ! -x "$filter" ] || [ "$here/nortnl.c" -nt "$filter" ]; then
    mkdir -p "$cache"
    ${CC:-gcc} -O1 -Wall -o "$filter.$$" "$here/nortnl.c" && mv "$filter.$$" "$filter" || {
      echo "rtnetlink.sh: ${CC:-gcc} is needed to build tools/vm/nortnl.c" >&2
      exit 126
    }
  fi
  export TSROUTE2_RTNL=dead
  export NODE_OPTIONS="--require \"$here/no-interfaces.cjs\"${NODE_OPTIONS:+ $NODE_OPTIONS}"
  exec "$filter" "$@"
}

notice() {
  cat >&2 <<'TEXT'

************************************************************************************************************
* rtnetlink of this machine does not answer: a task died holding the RTNL lock, or netlink is filtered.    *
* Only a reboot repairs that. Live lanes run in the virtual machine instead (docs/vm.md); everything else  *
* runs without route netlink sockets.                                                                      *
************************************************************************************************************

TEXT
}

case ${1:-} in
  probe) probe ;;
  run)
    shift
    [ "${TSROUTE2_RTNL:-}" != dead ] || exec "$@"
    notice
    run "$@"
    ;;
  *)
    echo "usage: $0 probe | run COMMAND..." >&2
    exit 2
    ;;
esac
