#!/usr/bin/env bash
# Usage: run.sh SOURCE_DIR BUILD_DIR CMAKE CXX. Installs the library of a build into an empty
# prefix, moves it, and builds and runs the program in this folder against it in three ways.
set -euo pipefail

source=$1 build=$2 cmake=$3 cxx=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
program=$source/tests/install

step() {
  printf -- '-- %s\n' "$*"
}

# run PROGRAM: in a folder of its own, because it leaves a store behind.
run() {
  local folder
  folder=$(mktemp -d --tmpdir="$work")
  (cd "$folder" && "$1")
}

step "install, then move: nothing may remember the first place"
"$cmake" --install "$build" --component libmsg --prefix "$work/first" >/dev/null
mv "$work/first" "$work/prefix"
if grep -rlF -e "$work/first" -e "$source/libmsg" -e "$build" "$work/prefix" --include='*.cmake' --include='*.pc' --include='*.h'; then
  echo "the files above name a folder of the build machine" >&2
  exit 1
fi

step "find_package"
"$cmake" -S "$program" -B "$work/package" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" \
  -DCMAKE_CXX_COMPILER="$cxx" >"$work/log" || { cat "$work/log" && exit 1; }
"$cmake" --build "$work/package"
run "$work/package/outside"

step "pkg-config"
package_files=$(dirname "$(find "$work/prefix" -name libmsg.pc)")
read -ra flags < <(PKG_CONFIG_PATH=$package_files pkg-config --cflags --libs libmsg)
"$cxx" -std=c++23 "$program/main.cpp" -o "$work/plain" "${flags[@]}"
run "$work/plain"

step "add_subdirectory"
# The options of the release preset, so that a compiler cache knows the library's files already.
"$cmake" -S "$program" -B "$work/subproject" -G Ninja -DLIBMSG_SOURCE="$source" \
  -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_BUILD_TYPE=Release -DMSG_WARNINGS_AS_ERRORS=ON \
  -DCMAKE_CXX_COMPILER_LAUNCHER="${CMAKE_CXX_COMPILER_LAUNCHER:-}" >"$work/log" ||
  { cat "$work/log" && exit 1; }
"$cmake" --build "$work/subproject" --target outside
run "$work/subproject/outside"
