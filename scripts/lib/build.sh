# shellcheck shell=bash
# Configures and builds presets. Sourced by run and test, after deps.sh.

# Not MSG_…: msgd refuses environment variables of that name that it does not know.
LIBMSG_JOBS=${LIBMSG_JOBS:-$(nproc)}

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
