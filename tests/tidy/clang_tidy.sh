#!/usr/bin/env bash
# clang_tidy.sh CLANG_TIDY BUILD_DIR FOLDER: checks every source below FOLDER that the build
# compiles, two at a time. Run from the root.
set -euo pipefail

tidy=$1 build=$2 folder=$3
if [[ ! -f $build/compile_commands.json ]]; then
  echo "no $build/compile_commands.json: configure with a preset" >&2
  exit 1
fi
# A file that no compile command names is younger than the configured build: reconfigure.
find "$folder" -name '*.cpp' | sort | while read -r file; do
  if grep -qF "$PWD/$file\"" "$build/compile_commands.json"; then
    echo "$file"
  fi
done | xargs --no-run-if-empty -n 1 -P 2 "$tidy" --quiet --warnings-as-errors='*' \
  --extra-arg=-Wno-unknown-warning-option -p "$build" 2>&1 |
  { grep -vE '^([0-9]+ warnings?|.* errors?) generated\.$' || true; }
