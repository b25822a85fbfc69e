import { allowedSigners } from "./keys.ts";
import { type Release, urlOf } from "./release.ts";

export const NOT_FOR_PUBLICATION =
  "Not for publication: these files are from a dry run. Its executables can contain an older runtime of Deno from a package " +
  "registry, and the one for Windows on arm64 the runtime for x86-64.";

/** The release notes: the changes, how to install, and how to verify. */
export function releaseNotes(release: Release, changes: string): string {
  const { repository, version, publicKeys, isForPublication } = release;
  const { tap, bucketUrl } = repository;
  return `${isForPublication ? "" : `**${NOT_FOR_PUBLICATION}**\n\n`}# arcade ${version}

${changes}

## Install

\`\`\`sh
curl -fsSL ${urlOf(release, "install.sh")} | sh   # Linux, macOS
brew install ${tap}/arcade
\`\`\`

\`\`\`powershell
irm ${urlOf(release, "install.ps1")} | iex
scoop bucket add arcade ${bucketUrl}; scoop install arcade/arcade
\`\`\`

## Verify

\`SHA256SUMS\` has the checksum of each file, and \`SHA256SUMS.sig\` is its signature:

\`\`\`sh
cat > allowed_signers <<'EOF'
${allowedSigners(publicKeys)}EOF
ssh-keygen -Y verify -f allowed_signers -I arcade-release -n arcade-release \\
  -s SHA256SUMS.sig < SHA256SUMS
sha256sum --check --ignore-missing SHA256SUMS
gh attestation verify FILE --repo ${repository.path}
\`\`\`
`;
}
