# shellcheck shell=bash
# Configures and builds presets. Sourced by run and test, after deps.sh.

# One for each core, where there is memory for it: the largest group of sources takes 1.3 GB.
jobs_by_default() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1500000) }' /proc/meminfo)
  echo $((memory < 1 ? 1 : memory < cores ? memory : cores))
}

# Not MSG_…: msgd refuses environment variables of that name that it does not know.
LIBMSG_JOBS=${LIBMSG_JOBS:-$(jobs_by_default)}

# configure PRESET [-DOPTION=VALUE]...: makes build/PRESET ready to build; silent when it works.
configure() {
  local preset=$1
  local build=build/$preset
  # A tree that was copied or moved with its build folder cannot use it.
  if [[ -f $build/CMakeCache.txt ]] &&
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$build/CMakeCache.txt"; then
    note "$build belongs to another folder: starting it anew"
    rm -rf "$build"
  fi
  mkdir -p "$build"
  note "configuring $build"
  if ! cmake --preset "$@" >"$build/configure.log" 2>&1; then
    cat "$build/configure.log" >&2
    return 1
  fi
}

# build PRESET [TARGET]...: in CI a failure does not hide the next one.
build() {
  local preset=$1
  shift
  note "building build/$preset"
  cmake --build --preset "$preset" --parallel "$LIBMSG_JOBS" ${1:+--target "$@"} -- ${CI:+-k 0} >&2
}
