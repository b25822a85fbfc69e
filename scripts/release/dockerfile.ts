import type { DebArchitecture } from "./deb.ts";
import type { Archive, Release } from "./release.ts";

/**
 * A Dockerfile for an image with arcade. It downloads the Debian package for the platform of the image, and verifies its
 * checksum.
 */
export function dockerfile(
  { version }: Release,
  debs: Readonly<Record<DebArchitecture, Archive>>,
): string {
  const stages = Object.entries(debs).map(([architecture, { url, sha256 }]) =>
    `FROM scratch AS ${architecture}
ADD --checksum=sha256:${sha256} ${url} /arcade.deb
`
  );
  return `# arcade ${version}: docker build --tag arcade:${version} - < Dockerfile
${stages.join("")}FROM \${TARGETARCH} AS package
FROM debian:13-slim
RUN --mount=from=package,target=/package dpkg --install /package/arcade.deb \\
    && useradd --create-home --uid 1000 arcade
USER 1000:1000
WORKDIR /home/arcade
ENTRYPOINT ["arcade"]
`;
}
