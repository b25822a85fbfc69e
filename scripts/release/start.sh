#!/usr/bin/env bash
# Starts the executable for the platform $2 from the release in the folder $1, on a machine of that platform. It must report the
# version of its archive and accept the release keys, and its system must accept its signature.
set -euo pipefail

folder=$1 target=$2
signers=$(cd "$(dirname "$0")" && pwd)/allowed_signers
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  printf 'Error: %s\n' "$1" >&2
  exit 1
}

case $target in
  *-windows-msvc)
    archive=$(ls "$folder"/arcade-*-"$target".zip)
    unzip -q "$archive" -d "$work"
    executable=$work/arcade.exe
    ;;
  *)
    archive=$(ls "$folder"/arcade-*-"$target".tar.gz)
    tar -xzf "$archive" -C "$work" --strip-components 1
    executable=$work/arcade
    ;;
esac
version=${archive##*/arcade-}
version=${version%-"$target"*}
case $target in *-apple-darwin) codesign --verify --strict "$executable" ;; esac
reported=$("$executable" --version)
[ "${reported%$'\r'}" = "$version" ] || fail "The executable for $target reports the version $reported, not $version"
code=0
DO_NOT_TRACK=1 ARCADE_WORK_DIR=$work/home "$executable" whoami || code=$?
[ "$code" = 4 ] || fail "\`whoami\` without a login exits with $code, not 4"
while read -r identity type key _; do
  [ "$identity" = arcade-release ] || continue
  grep -qaF "$type $key" "$executable" || fail "The executable for $target does not accept a key of allowed_signers"
done <"$signers"
