# What the scripts share: where the project is, how to speak, which packages are missing, ports.
# Sourced by bash scripts; needs nothing but bash, coreutils, awk and dpkg.
# shellcheck shell=bash

set -euo pipefail
export LC_ALL=C.UTF-8
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*"; }
step() { printf '== %s\n' "$*"; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Prints the help at the top of a script: its first comment block without the marks.
usage() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

# Gives the names of the sections of scripts/packages, one per line.
sections() { sed -n 's/^\[\([a-z]*\)\].*/\1/p' "$root/scripts/packages"; }

# Gives the packages of the named sections of scripts/packages, one per line.
packages_of() {
  awk -v wanted=" $* " '
    { sub(/#.*/, "") }
    /^\[.*\]/ { section = $0; gsub(/[\[\] ]/, "", section); next }
    index(wanted, " " section " ") { for (i = 1; i <= NF; ++i) print $i }
  ' "$root/scripts/packages"
}

# Gives those of the packages named on standard input that dpkg does not have installed.
missing_packages() {
  sort -u | comm -23 - <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' |
    awk '$1 == "installed" { print $2 }' | sort -u)
}

# Installs what is missing of the named sections. Asks the network only if something is missing.
install_sections() {
  local missing as_root=()
  [ "${FACTUM_NO_INSTALL:-}" != 1 ] || return 0
  command -v dpkg-query >/dev/null ||
    die "this is not Debian: install what scripts/packages lists, then set FACTUM_NO_INSTALL=1"
  mapfile -t missing < <(packages_of "$@" | missing_packages)
  [ "${#missing[@]}" -gt 0 ] || return 0
  step "installing ${#missing[@]} packages: ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      die "packages are missing and there is no sudo; as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  # Old package lists may still do, so a failed update is no reason to stop.
  "${as_root[@]}" apt-get update -qq || say "apt-get update failed; trying with the lists there are"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null ||
    die "could not install: ${missing[*]} (Debian 12 has them all; is the network there?)"
}

# Configures (once) and builds targets of a preset; all targets if none is named.
build() {
  local preset=$1
  shift
  cd "$root"
  if [ ! -f "build/$preset/build.ninja" ]; then
    step "configuring build/$preset"
    mkdir -p "build/$preset"
    cmake --preset "$preset" >"build/$preset/configure.log" 2>&1 || {
      cat "build/$preset/configure.log" >&2
      die "cmake --preset $preset failed"
    }
  fi
  step "building ${*:-everything} ($preset)"
  if [ $# -gt 0 ]; then
    cmake --build --preset "$preset" --target "$@"
  else
    cmake --build --preset "$preset"
  fi
}

# Whether something listens on a port of this machine.
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Gives a port nobody listens on. Another process may take it first: the caller must cope.
free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 20000))
    port_taken "$port" || { say "$port"; return 0; }
  done
  die "found no free port"
}
