#!/usr/bin/env bash
# Publishes the release of the tag $2 from the folder $1 with gh, once all its files are there. Can run again after a failure.
# Only the newest version without a pre-release becomes the latest one, which the installers and `arcade update` look for.
set -euo pipefail

folder=$1 tag=$2
version=${tag#v}
signers=$(cd "$(dirname "$0")" && pwd)/allowed_signers

fail() {
  printf 'Error: %s\n' "$1" >&2
  exit 1
}

cd "$folder"
[ ! -e NOT-FOR-PUBLICATION ] || fail 'The files of a dry run are not published'
sha256sum --check --strict --quiet SHA256SUMS
ssh-keygen -q -Y verify -f "$signers" -I arcade-release -n arcade-release -s SHA256SUMS.sig <SHA256SUMS

case $version in *-*) prerelease=true ;; *) prerelease=false ;; esac
releases=$(gh release list --limit 1000 --json tagName,isDraft,isPrerelease \
  --jq '.[] | "\(.tagName) \(.isDraft) \(.isPrerelease)"')
newest=$({ sed -n 's/ false false$//p' <<<"$releases"; printf '%s\n' "$tag"; } | sort -V | tail -n 1)
latest=false
if [ "$prerelease" = false ] && [ "$newest" = "$tag" ]; then latest=true; fi

case $'\n'$releases in
  *$'\n'"$tag false "*)
    gh release download "$tag" --pattern SHA256SUMS --output - | cmp - SHA256SUMS ||
      fail "$tag is published with other files"
    printf '::notice::%s\n' "$tag is published already"
    ;;
  *)
    case $'\n'$releases in
      *$'\n'"$tag true "*) gh release edit "$tag" --notes-file release-notes.md ;;
      *)
        gh release create "$tag" --verify-tag --draft --prerelease="$prerelease" \
          --title "arcade $version" --notes-file release-notes.md
        ;;
    esac
    gh release upload "$tag" --clobber ./*
    # Without --latest=false, gh makes a draft that it publishes the latest release.
    gh release edit "$tag" --draft=false --prerelease="$prerelease" --latest="$latest"
    ;;
esac
printf 'latest=%s\n' "$latest" >>"$GITHUB_OUTPUT"
