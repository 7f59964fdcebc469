#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the web client and packs it for msgd: build.sh FOLDER PACK. Called by CMake.
#
# Where its packages cannot be fetched, the pack is empty, and msgd has no page; the next build
# tries again.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
pack=$2

stamp=node_modules/.msg-lock
if ! cmp -s package-lock.json "$stamp"; then
  if ! npm ci --ignore-scripts --no-audit --no-fund >"$pack.log" 2>&1; then
    echo "warning: npm ci failed, msgd gets no web client; see $pack.log" >&2
    : >"$pack"
    touch -d @0 "$pack"
    exit 0
  fi
  cp package-lock.json "$stamp"
fi
node node_modules/vite/bin/vite.js build --outDir "$folder" --emptyOutDir --logLevel warn
node tools/pack.mjs "$folder" "$pack"
