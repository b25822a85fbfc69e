#!/bin/sh
# Signs the executables for Windows in the folder $1, which has one folder per platform, with osslsigncode.
#
# Without WINDOWS_CERTIFICATE (PKCS #12 in base64, with WINDOWS_CERTIFICATE_PASSWORD) they are not signed, which is a notice in
# the workflow.
set -eu

executables=$1
if [ -z "${WINDOWS_CERTIFICATE:-}" ]; then
  printf '::notice::%s\n' 'The executables for Windows are not signed: WINDOWS_CERTIFICATE is not set'
  exit 0
fi
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '%s' "$WINDOWS_CERTIFICATE" | base64 --decode >"$work/certificate.p12"
printf '%s' "${WINDOWS_CERTIFICATE_PASSWORD:-}" >"$work/password"
for file in "$executables"/*-pc-windows-msvc/arcade.exe; do
  # A signature without the time of a server would expire with the certificate.
  osslsigncode sign -pkcs12 "$work/certificate.p12" -readpass "$work/password" -h sha256 -n arcade \
    -ts "${WINDOWS_TIMESTAMP_URL:-http://timestamp.digicert.com}" -in "$file" -out "$work/signed.exe"
  cat "$work/signed.exe" >"$file"
  rm "$work/signed.exe"
done
