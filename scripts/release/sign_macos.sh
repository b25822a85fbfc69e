#!/bin/sh
# Signs the executables for macOS in the folder $1, which has one folder per platform, and has Apple notarize them. Needs a Mac.
#
# Without MACOS_CERTIFICATE (PKCS #12 in base64, with MACOS_CERTIFICATE_PASSWORD and MACOS_CODESIGN_IDENTITY) the signatures
# are anonymous, which is enough for Homebrew and the installer. Without APPLE_ID (with APPLE_PASSWORD and APPLE_TEAM_ID)
# nothing is notarized. Both are notices in the workflow.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
executables=$1
identity=-
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

main() {
  if [ -n "${MACOS_CERTIFICATE:-}" ]; then
    import_certificate
  else
    [ -z "${APPLE_ID:-}" ] || fail 'APPLE_ID needs MACOS_CERTIFICATE: Apple notarizes only what a certificate has signed'
    notice 'The executables for macOS are signed without a certificate: MACOS_CERTIFICATE is not set'
  fi
  for target in x86_64-apple-darwin aarch64-apple-darwin; do
    sign "$executables/$target/arcade"
  done
  if [ -z "${APPLE_ID:-}" ]; then
    notice 'The executables for macOS are not notarized: APPLE_ID is not set'
  else
    for target in x86_64-apple-darwin aarch64-apple-darwin; do
      notarize "$executables/$target/arcade"
    done
  fi
}

import_certificate() {
  [ -n "${MACOS_CODESIGN_IDENTITY:-}" ] || fail 'MACOS_CERTIFICATE needs MACOS_CODESIGN_IDENTITY, the name of the certificate'
  identity=$MACOS_CODESIGN_IDENTITY
  (umask 077 && printf '%s' "$MACOS_CERTIFICATE" | base64 --decode >"$work/certificate.p12")
  keychain=$work/release.keychain-db
  keychain_password=$(uuidgen)
  security create-keychain -p "$keychain_password" "$keychain"
  # Otherwise it locks itself after five minutes.
  security set-keychain-settings "$keychain"
  security unlock-keychain -p "$keychain_password" "$keychain"
  security import "$work/certificate.p12" -P "${MACOS_CERTIFICATE_PASSWORD:-}" -T /usr/bin/codesign -k "$keychain"
  security set-key-partition-list -S apple-tool:,apple: -k "$keychain_password" "$keychain" >/dev/null
  security list-keychains -d user -s "$keychain"
}

sign() {
  file=$1
  set -- --force --sign "$identity" --identifier dev.arcade.cli
  # V8 generates code, which the hardened runtime allows only with these entitlements.
  [ "$identity" = - ] || set -- "$@" --options runtime --timestamp --entitlements "$here/entitlements.plist"
  codesign "$@" "$file"
  codesign --verify --strict "$file"
}

# notarytool succeeds whenever Apple has answered, also with "Invalid".
notarize() {
  ditto -c -k "$1" "$work/arcade.zip"
  answer=$(xcrun notarytool submit "$work/arcade.zip" --wait --output-format json \
    --apple-id "$APPLE_ID" --password "${APPLE_PASSWORD:-}" --team-id "${APPLE_TEAM_ID:-}")
  [ "$(field status "$answer")" = Accepted ] && return
  xcrun notarytool log "$(field id "$answer")" \
    --apple-id "$APPLE_ID" --password "${APPLE_PASSWORD:-}" --team-id "${APPLE_TEAM_ID:-}" >&2 || true
  fail "Apple did not accept $1: $(field status "$answer")"
}

field() {
  printf '%s' "$2" | sed -n 's/.*"'"$1"'" *: *"\([^"]*\)".*/\1/p'
}

notice() {
  printf '::notice::%s\n' "$1"
}

fail() {
  printf 'Error: %s\n' "$1" >&2
  exit 1
}

main
