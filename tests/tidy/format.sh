#!/usr/bin/env bash
# format.sh CLANG_FORMAT [--fix]: every C++ file is as .clang-format says. Run from the root.
set -euo pipefail

mode=(--dry-run -Werror)
if [[ ${2:-} == --fix ]]; then
  mode=(-i)
fi
find libmsg server bindings tests examples -name '*.h' -print0 -o -name '*.cpp' -print0 |
  xargs -0 --no-run-if-empty -n 20 -P 2 "$1" --style=file "${mode[@]}"
