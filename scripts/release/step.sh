#!/bin/sh
# Runs the step $1 of `deno task release` in the workflow: for a tag the release that it names, else a dry run.
set -eu

version=$(sed -n 's/^export const VERSION = "\(.*\)";$/\1/p' src/version.ts)
dry_run=--dry-run
if [ "$GITHUB_REF_TYPE" = tag ]; then
  version=${GITHUB_REF_NAME#v}
  dry_run=
fi
exec npx -y deno@2.9.6 task release "$version" ${dry_run:+"$dry_run"} --step "$1"
