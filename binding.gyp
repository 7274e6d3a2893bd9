{
  # Warnings are errors when the project is built by hand or in CI; tools/install.cjs passes werror=0 for an installed
  # package, so that a compiler newer than the release cannot break an install.
  "variables": { "werror%": "1" },
  "targets": [
    {
      "target_name": "tsroute2",
      "sources": [
        "native/cache.cc",
        "native/netns.cc",
        "native/socket.cc",
        "native/syscalls.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      # SWALLOW: in a worker that is being terminated calls into JavaScript fail, which must not end the process.
      "defines": [
        "NAPI_VERSION=8",
        "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags!": ["-fexceptions"],
      "cflags_cc!": ["-fexceptions", "-std=gnu++17", "-std=gnu++20", "-std=gnu++23"],
      "cflags": ["-Wall", "-Wextra", "-fvisibility=hidden"],
      "cflags_cc": ["-std=c++17", "-fno-exceptions"],
      "conditions": [["werror==1", { "cflags": ["-Werror"] }]]
    }
  ]
}
