#!/bin/sh
# Builds the native addon with AddressSanitizer and UndefinedBehaviorSanitizer into build-asan/ and runs the transport's
# tests and a short soak against it; fails when a test fails or a sanitizer reports anything. Expects the compiled tests in .build/
# (tsc -p tsconfig.json) and g++ with its sanitizer libraries. Leaks are not looked for: Node.js itself keeps memory until
# the end; the tests count descriptors and threads instead.
#
#   tools/asan.sh                       all tests of test/transport, and tools/soak
#   tools/asan.sh FILE.test.js...       these compiled tests
#   CXXFLAGS=-DNAME tools/asan.sh       further compiler flags, for trying that a defect is found
set -eu
cd "$(dirname "$0")/.."

# Headers: as node-gyp takes them, or those beside this Node.js, or node-gyp's own.
version=$(node -p process.versions.node)
include=
for prefix in "${npm_config_nodedir:-}" "$(dirname "$(dirname "$(node -p process.execPath)")")" \
  "${XDG_CACHE_HOME:-$HOME/.cache}/node-gyp/$version"; do
  if [ -n "$prefix" ] && [ -f "$prefix/include/node/node_api.h" ]; then
    include=$prefix/include/node
    break
  fi
done
if [ -z "$include" ]; then
  node node_modules/node-gyp/bin/node-gyp.js install >/dev/null 2>&1
  include=${XDG_CACHE_HOME:-$HOME/.cache}/node-gyp/$version/include/node
fi

mkdir -p build-asan
# The flags of binding.gyp, and no vptr check, which needs RTTI as Node.js is built without.
# shellcheck disable=SC2086
${CXX:-g++} -std=c++17 -fPIC -shared -fno-exceptions -fno-rtti -fvisibility=hidden -Wall -Wextra -Werror -g -O1 \
  -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined -fno-omit-frame-pointer ${CXXFLAGS:-} \
  -DNAPI_VERSION=8 -DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS -DNODE_ADDON_API_DISABLE_DEPRECATED \
  -DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS \
  -DNODE_GYP_MODULE_NAME=tsroute2 -DBUILDING_NODE_EXTENSION \
  -I "$include" -I "$(node -p 'require("node-addon-api").include_dir')" native/*.cc -o build-asan/tsroute2.node

libasan=$(${CXX:-g++} -print-file-name=libasan.so)
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
failed=0
[ $# -gt 0 ] || set -- .build/test/transport/*.test.js .build/tools/soak/main.js
# Options of the soak, whose memory says nothing here: what was freed is kept for a while.
TSROUTE2_SOAK="${TSROUTE2_SOAK:-$(printf "%s\n" --inside --no-memory --cycles=600 --workers=44 --sockets=500)}"
export TSROUTE2_SOAK
for test in "$@"; do
  # Reports go to files, because a test may run children whose output it does not show. The preloaded library
  # reaches those children as well.
  if ! TSROUTE2_ADDON=$PWD/build-asan/tsroute2.node LD_PRELOAD=$libasan \
    ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=1:log_path=$reports/report \
    UBSAN_OPTIONS=print_stacktrace=1:log_path=$reports/report node "$test" >"$reports/output" 2>&1; then
    echo "asan: $test failed"
    cat "$reports/output"
    failed=1
  else
    echo "asan: $test passed"
  fi
done
for report in "$reports"/report.*; do
  [ -f "$report" ] || continue
  cat "$report"
  failed=1
done
exit $failed
