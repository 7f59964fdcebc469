# shellcheck shell=bash
# Makes a Debian 12 that has nothing installed. Sourced by try-bare and the image's test.

# make_bare DIRECTORY: with debootstrap, unless it is there; in any case it reaches what this
# machine reaches.
make_bare() {
  local directory=$1
  ((EUID == 0)) || die "needs root, for debootstrap and chroot"
  command -v debootstrap >/dev/null || die "needs debootstrap: apt-get install debootstrap"
  if [[ ! -x $directory/usr/bin/apt-get ]]; then
    mkdir -p "$directory"
    printf '==> making a bare Debian 12 in %s\n' "$directory" >&2
    debootstrap --variant=minbase bookworm "$directory" \
      "${LIBMSG_DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$directory.log" 2>&1 ||
      { tail -n 20 "$directory.log" >&2 && die "debootstrap failed"; }
    rm "$directory.log"
    rm -f "$directory"/var/cache/apt/archives/*.deb
  fi

  # What this machine needs to reach the outside, the bare one needs too.
  apt-config dump 2>/dev/null | grep '^Acquire::' >"$directory/etc/apt/apt.conf.d/90host" || true
  cp -L /etc/resolv.conf "$directory/etc/resolv.conf"
  mkdir -p "$directory/usr/local/share/ca-certificates" "$directory/etc/ssl/certs"
  cp -rL /usr/local/share/ca-certificates/. "$directory/usr/local/share/ca-certificates/"
  if [[ -f /etc/ssl/certs/ca-certificates.crt &&
    ! -f $directory/etc/ssl/certs/ca-certificates.crt ]]; then
    cp -L /etc/ssl/certs/ca-certificates.crt "$directory/etc/ssl/certs/"
  fi
}
