#!/usr/bin/env bash
# Puts the formula and the Scoop manifest of version $2 from the folder $1 into the tap $3 and the bucket $4, the addresses of
# git repositories. TOKEN may write to them. Can run again after a failure: existing or newer versions are left unchanged.
set -euo pipefail

folder=$1 version=$2 tap=$3 bucket=$4
if [ -z "${TOKEN:-}" ]; then
  printf '::notice::%s\n' 'The tap and the bucket were not updated: PACKAGES_TOKEN is not set'
  exit 0
fi
case $version in
  *-*)
    printf '::notice::%s\n' "The tap and the bucket were not updated: $version is a pre-release"
    exit 0
    ;;
esac
export GIT_TERMINAL_PROMPT=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The command line of git, which others see, does not contain the token.
# shellcheck disable=SC2016 # The helper expands TOKEN.
helper='!f() { echo username=x-access-token; echo "password=$TOKEN"; }; f'

# Puts the file $2 of the release into the repository $1 as $3.
update() {
  local clone=$work/$2 current differs=0
  git -c credential.helper="$helper" clone --quiet --depth 1 "$1" "$clone"
  current=$(sed -n 's,.*/releases/download/v\([^/$]*\)/.*,\1,p' "$clone/$3" 2>/dev/null | head -n 1) || true
  if [ "$(printf '%s\n' "$current" "$version" | sort -V | tail -n 1)" != "$version" ]; then
    printf '::notice::%s\n' "$1 was not updated: it has arcade $current, which is newer than $version"
    return
  fi
  mkdir -p "$clone/${3%/*}"
  cp "$folder/$2" "$clone/$3"
  git -C "$clone" add "$3"
  git -C "$clone" diff --cached --quiet || differs=$?
  case $differs in
    0)
      printf '%s\n' "$1 has arcade $version already"
      return
      ;;
    1) ;;
    *) return "$differs" ;;
  esac
  git -C "$clone" -c user.name=arcade -c user.email=arcade@users.noreply.github.com commit --quiet -m "arcade $version"
  git -C "$clone" -c credential.helper="$helper" push --quiet origin HEAD
}

update "$tap" arcade.rb Formula/arcade.rb
update "$bucket" arcade.json bucket/arcade.json
