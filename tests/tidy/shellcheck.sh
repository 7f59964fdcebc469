#!/usr/bin/env bash
# Usage: shellcheck.sh SHELLCHECK. Checks every shell script of the tree, found by its name or first
# line. Run from the root.
set -euo pipefail

mapfile -t scripts < <(
  find . \( -name .git -o -name build -o -name .cache -o -name node_modules \) -prune -o -type f -size -200k -print0 |
    xargs -0 awk 'FNR == 1 { if (/^#!.*(bash|\/sh)/ || FILENAME ~ /\.sh$/) print FILENAME; nextfile }'
)
echo "${#scripts[@]} scripts"
"$1" --external-sources --source-path=SCRIPTDIR "${scripts[@]}"
