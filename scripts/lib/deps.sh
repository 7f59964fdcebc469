# shellcheck shell=bash
# shellcheck disable=SC2034  # the lists are for those who source this
# Installs the Debian packages this project is built and tested with. Sourced by run and test.
#
# Only what is missing is installed, nothing is ever removed, and a machine that has everything
# needs neither root nor a network. "a|b" is satisfied by either; a is what gets installed.

MSG_BUILD_PACKAGES=(
  g++ cmake ninja-build pkg-config ccache ca-certificates
  'libboost-json1.81-dev|libboost-json-dev' 'libboost-url1.81-dev|libboost-url-dev'
  libsqlite3-dev libpq-dev librocksdb-dev libsodium-dev libxxhash-dev libssl-dev libfmt-dev
  libnats-dev libhiredis-dev libcli11-dev libtomlplusplus-dev libedit-dev
)
MSG_TEST_PACKAGES=(
  libgtest-dev libgmock-dev clang-19 libclang-rt-19-dev clang-format-19 clang-tidy-19 shellcheck
  sqlite3 curl postgresql-15 python3 python3-pytest python3-websockets python3-httpx
  python3-jsonschema python3-jwt python3-cryptography python3-yaml python3-phonenumbers nodejs
  node-ws openssl chromium fonts-noto-color-emoji
  jq python3-dev pybind11-dev python3-venv python3-pip python3-numpy python3-matplotlib mypy
  buildah debootstrap haproxy redis-server nats-server pg-auto-failover-cli
  postgresql-15-auto-failover prometheus
)
# What of these Debian starts with the machine; tests start their own.
MSG_TEST_SERVICES=(
  haproxy redis-server nats-server prometheus
)
MSG_BOOST_PACKAGES=(
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libboost-container1.81-dev
  libboost-system1.81-dev
)

# web_packages: what is missing to build the web client, one a line. A Node from elsewhere will do.
web_packages() {
  command -v node >/dev/null || printf '%s\n' nodejs
  command -v npm >/dev/null || printf '%s\n' npm
}

msg_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# What is being done, on standard error.
note() {
  printf '==> %s\n' "$*" >&2
}

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# install_deps PACKAGE...: makes sure that all are there.
install_deps() {
  local missing=()
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]})); then
    command -v apt-get >/dev/null ||
      die "this system has no apt-get. Install by its own means what Debian calls: ${missing[*]}"
    deps_log=$(mktemp)
    refresh_package_lists "${missing[@]}"
    unpack_boost_aside missing
    if ((${#missing[@]})); then
      note "installing ${#missing[@]} packages: ${missing[*]}"
      install_without_services
    fi
    rm "$deps_log"
  fi
  if [[ -d $msg_root/build/deps/boost ]]; then
    export CMAKE_PREFIX_PATH=$msg_root/build/deps/boost/usr${CMAKE_PREFIX_PATH:+:$CMAKE_PREFIX_PATH}
  fi
}

# missing_packages PACKAGE...: the first name of each that is not installed, one a line.
missing_packages() {
  local installed wanted alternative
  installed=$'\n'$(dpkg-query --show --showformat='${db:Status-Abbrev}${Package}\n' 2>/dev/null |
    sed -n 's/^ii //p')$'\n'
  for wanted in "$@"; do
    for alternative in ${wanted//|/ }; do
      if [[ $installed == *$'\n'"$alternative"$'\n'* ]]; then
        continue 2
      fi
    done
    if [[ -d $msg_root/build/deps/boost && $wanted == libboost* ]]; then
      continue
    fi
    printf '%s\n' "${wanted%%|*}"
  done
}

# apt-get, as root, silent; what it says is kept for apt_failed.
apt_get() {
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      die "run this as root once, or install sudo, or install these yourself: ${missing[*]}"
    as_root=(sudo)
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q \
    -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" >>"$deps_log" 2>&1
}

# Installs `missing`. Services that come with it are neither started now nor with the machine.
install_without_services() {
  local as_root=() policy=/usr/sbin/policy-rc.d ours='' failed='' service
  ((EUID == 0)) || as_root=(sudo)
  if [[ ! -e $policy ]] && { ((EUID == 0)) || command -v sudo >/dev/null; }; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod +x "$policy"
    ours=1
  fi
  apt_get install -y --no-install-recommends --no-remove "${missing[@]}" || failed=1
  [[ ! $ours ]] || "${as_root[@]}" rm -f "$policy"
  if [[ -d /run/systemd/system ]]; then
    for service in "${MSG_TEST_SERVICES[@]}"; do
      if [[ " ${missing[*]} " == *" $service "* ]]; then
        "${as_root[@]}" systemctl --quiet disable "$service" >>"$deps_log" 2>&1 || true
      fi
    done
  fi
  [[ ! $failed ]] || apt_failed "apt-get install ${missing[*]}"
}

apt_failed() {
  tail -n 30 "$deps_log" >&2
  die "$1 failed; the whole of what it said is in $deps_log"
}

# Fetches the lists when they do not know a package, or are older than a day and so may name
# versions that the mirror has dropped.
refresh_package_lists() {
  local attempt
  if apt-cache show --no-all-versions "$@" >/dev/null 2>&1 &&
    [[ -n $(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mtime -1 -print -quit) ]]; then
    return
  fi
  note "fetching package lists"
  for attempt in 1 2 3; do
    if apt_get update; then
      return
    fi
    sleep $((attempt * 5))
  done
  apt_failed "apt-get update"
}

# unpack_boost_aside ARRAY: Debian 12's default Boost is 1.74, too old, and cannot be installed
# beside 1.81. Where it is installed it stays: 1.81 is unpacked into build/deps and ARRAY loses its
# Boost packages. A release without 1.81 has a newer default, which takes its place in ARRAY.
unpack_boost_aside() {
  local -n wanted=$1
  local others=() packages package file
  [[ ${wanted[*]} == *libboost* ]] || return 0
  for package in "${wanted[@]}"; do
    [[ $package == libboost* ]] || others+=("$package")
  done
  if ! apt-cache show libboost1.81-dev >/dev/null 2>&1; then
    wanted=("${others[@]}" libboost-json-dev libboost-url-dev)
    return
  fi
  dpkg-query --show --showformat='${db:Status-Abbrev}' libboost1.74-dev 2>/dev/null |
    grep -q '^ii' || return 0

  note "unpacking Boost 1.81 into build/deps, beside the Boost 1.74 of this system"
  local fresh=$msg_root/build/deps/boost.new
  rm -rf "$fresh"
  mkdir -p "$fresh"
  mapfile -t packages < <(printf '%s\n' "${MSG_BOOST_PACKAGES[@]}" \
    libboost-json1.81.0 libboost-url1.81.0 libboost-container1.81.0)
  (cd "$fresh" && apt-get -q -o Acquire::Retries=3 download "${packages[@]}") >>"$deps_log" 2>&1 ||
    apt_failed "apt-get download ${packages[*]}"
  for file in "$fresh"/*.deb; do
    dpkg-deb --extract "$file" "$fresh"
  done
  rm "$fresh"/*.deb
  mv "$fresh" "$msg_root/build/deps/boost"
  wanted=("${others[@]}")
}
