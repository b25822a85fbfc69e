#!/bin/sh
# Signs the checksums of the release in the folder $1 with ARCADE_RELEASE_SIGNING_KEY: an ed25519 key of OpenSSH without a
# passphrase, or its path. Its public key must be in allowed_signers, whose keys the executables accept.
set -eu

folder=$1
signers=$(cd "$(dirname "$0")" && pwd)/allowed_signers
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  printf 'Error: %s\n' "$1" >&2
  exit 1
}

[ -n "${ARCADE_RELEASE_SIGNING_KEY:-}" ] || fail 'ARCADE_RELEASE_SIGNING_KEY is not set'
[ ! -e "$folder/NOT-FOR-PUBLICATION" ] || fail 'The files of a dry run are not signed'
cd "$folder"
if command -v sha256sum >/dev/null; then sum=sha256sum; else sum='shasum -a 256'; fi
$sum --check --strict --quiet SHA256SUMS
for file in *; do
  case $file in SHA256SUMS | SHA256SUMS.sig) continue ;; esac
  sed 's/^[0-9a-f]*  //' SHA256SUMS | grep -qxF "$file" || fail "SHA256SUMS lacks $file"
done

case $ARCADE_RELEASE_SIGNING_KEY in
  -----BEGIN*) printf '%s\n' "$ARCADE_RELEASE_SIGNING_KEY" >"$work/key" ;;
  *) cat "$ARCADE_RELEASE_SIGNING_KEY" >"$work/key" ;;
esac
public=$(ssh-keygen -y -P '' -f "$work/key")
# Without its comment.
public=$(printf '%s' "$public" | cut -d ' ' -f 1,2)
cut -d ' ' -f 1-3 "$signers" | grep -qxF "arcade-release $public" ||
  fail 'The public key of ARCADE_RELEASE_SIGNING_KEY is not in allowed_signers'
rm -f SHA256SUMS.sig
ssh-keygen -q -Y sign -n arcade-release -f "$work/key" SHA256SUMS
ssh-keygen -q -Y verify -f "$signers" -I arcade-release -n arcade-release -s SHA256SUMS.sig <SHA256SUMS
