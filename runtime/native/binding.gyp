{
  "targets": [
    {
      "target_name": "stacks",
      "sources": [
        "stacks.cc",
        "stack_pool.cc",
        "stack.cc",
        "baton_portable.cc",
        "baton_fast.cc",
        "baton_fast_switch.cc",
        "older_libstdcxx.cc"
      ],
      "include_dirs": ["<!@(node -p \"require('node-addon-api').include\")"],
      "defines": ["NAPI_VERSION=8", "NAPI_DISABLE_CPP_EXCEPTIONS"],
      "cflags": ["-O2"],
      "conditions": [
        ["OS=='linux' and target_arch=='x64'", {
          # The fast switch leaves a function on another stack than it came in on: no shadow stack can follow that.
          "cflags": ["-fcf-protection=none"]
        }],
        ["OS=='mac'", {
          "xcode_settings": { "GCC_OPTIMIZATION_LEVEL": "2", "GCC_SYMBOLS_PRIVATE_EXTERN": "YES" }
        }]
      ]
    }
  ]
}
