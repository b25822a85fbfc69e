/** The releases in the repository of this build (docs/contracts.md, Releases). */

import { isWebPage, webPageFailure } from "../api/http_message.ts";
import { sha256 } from "../secrecy/hash.ts";
import { withDeadline } from "../system/waiting.ts";
import { Failure, kindOfStatus } from "../failure.ts";
import { readStream } from "../system/read_bounded.ts";
import { VERSION } from "../version.ts";
import { isSignedBy } from "./signature.ts";
import { isVersion } from "./versions.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Where releases are, and who signs them. */
export interface Repository {
  /** Such as `https://github.com/OWNER/arcade`. */
  readonly url: string;
  /** The public keys that may sign releases, in the form of OpenSSH. */
  readonly publicKeys: readonly string[];
}

export interface ReleasesContext {
  readonly fetch: typeof fetch;
  readonly timeoutMs: () => number;
  readonly trace: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A release that is being downloaded. */
export interface Download {
  readonly version: string;
  /** The name of the archive. */
  readonly file: string;
  /** Called with the number of received bytes, and with the total if it is known. */
  readonly onBytes: (received: number, total: number | undefined) => void;
}

const SIGNATURE_NAMESPACE = "arcade-release";
const TEXT = { maxBytes: 1024 * 1024 };
/** Several times the size of an archive today. */
const MAX_ARCHIVE_BYTES = 512 * 1024 * 1024;
/** How long an archive may take, in timeouts of one response: 10 minutes by default. */
const ARCHIVE_ANSWERS = 20;

/**
 * Where the releases of a repository are downloaded from: the mirror that ARCADE_DOWNLOAD_URL names, or the repository.
 *
 * @throws {Failure} of kind `usage` for a mirror that is not an address.
 */
export function releasesOf(
  { ARCADE_DOWNLOAD_URL: mirror }: { readonly ARCADE_DOWNLOAD_URL?: string | undefined },
  repository: string,
): string {
  if (mirror === undefined) return repository;
  const { protocol = "", username, password, search, hash } = URL.parse(mirror.trim()) ?? {};
  if (/^https?:$/.test(protocol) && !username && !password && !search && !hash) {
    return mirror.trim().replace(/(?<!\/)\/+$/, "");
  }
  throw new Failure("usage", "ARCADE_DOWNLOAD_URL is not the address of a mirror", {
    next: "Set it to an http or https address without a user, password or query, or unset it",
  });
}

/**
 * The newest version. Sends nothing but the request.
 *
 * @param releases where they are: `releases/latest` there redirects to the newest one, or is a file with its version.
 * @throws {Failure} of kind `network` or `server`.
 */
export async function findNewest(context: ReleasesContext, releases: string): Promise<string> {
  const url = `${releases}/releases/latest`;
  const { status, headers, text } = await request(context, url, {
    redirect: "manual",
    read: async (response) => {
      const { status, headers, ok } = response;
      if (ok) return { status, headers, text: decoded(await readBytes(response, TEXT)) };
      await response.body?.cancel();
      return { status, headers, text: "" };
    },
  });
  const location = headers.get("location") ?? "";
  const [, version = ""] = /\/releases\/tag\/v([^/?#]+)$/.exec(location) ??
    /^v?(\S+)\s*$/.exec(text) ?? [];
  if (isVersion(version)) return version;
  if (status === 404) {
    throw new Failure("not-found", `${releases} does not say which release is the newest`, {
      next: "Try again later, or name a version, as in `arcade update 1.2.3`",
    });
  }
  refuseWebPage(url, { status, headers, text });
  throw new Failure(
    kindOfStatus(status),
    `${url} does not say which version is the newest (${status})`,
    {
      status,
      next: "Check the address and any proxy, and try again",
    },
  );
}

/**
 * Downloads the archive of a release, and verifies the signature of the checksums and the checksum of the archive.
 *
 * @throws {Failure} of kind `network` or `server`, and `not-found` when there is no such release.
 */
export async function download(
  context: ReleasesContext,
  repository: Repository,
  { version, file, onBytes }: Download,
): Promise<Bytes> {
  const expected = await findArchive(context, repository, { version, file });
  const archive = await get(context, fileUrl(repository, version, file), {
    what: `${file} of arcade ${version}`,
    maxBytes: MAX_ARCHIVE_BYTES,
    onBytes,
    answerMs: ARCHIVE_ANSWERS * context.timeoutMs(),
  });
  const actual = await sha256(archive);
  if (actual !== expected) {
    throw unverified(`${file} has the checksum ${actual}, not ${expected}`);
  }
  return archive;
}

/**
 * Finds the archive of a release in its signed checksums.
 *
 * @returns its checksum.
 * @throws {Failure} of kind `network` or `server`, and `not-found` when there is no such release.
 */
export async function findArchive(
  context: ReleasesContext,
  repository: Repository,
  { version, file }: Pick<Download, "version" | "file">,
): Promise<string> {
  const text = (name: string) =>
    get(context, fileUrl(repository, version, name), {
      what: `${name} of arcade ${version}`,
      ...TEXT,
    });
  const [sums, signature] = [await text("SHA256SUMS"), await text("SHA256SUMS.sig")];
  const isSigned = await isSignedBy({
    message: sums,
    signature: decoded(signature),
    publicKeys: repository.publicKeys,
    namespace: SIGNATURE_NAMESPACE,
  });
  if (!isSigned) throw unverified(`The checksums of arcade ${version} have no valid signature`);
  const checksum = checksumOf(decoded(sums), file);
  if (checksum !== undefined) return checksum;
  throw new Failure("not-found", `arcade ${version} has no ${file}`, {
    next: `${repository.url}/releases lists its files`,
  });
}

function fileUrl({ url }: Repository, version: string, name: string): string {
  return `${url}/releases/download/v${version}/${name}`;
}

/** Downloads a file of a release. */
function get(
  context: ReleasesContext,
  url: string,
  { what, answerMs, ...limits }: Pick<Requested<Bytes>, "answerMs"> & ReadLimits & {
    readonly what: string;
  },
): Promise<Bytes> {
  return request(context, url, {
    redirect: "follow",
    ...(answerMs !== undefined && { answerMs }),
    read: async (response) => {
      const { status, headers, ok } = response;
      if (ok && !isWebPage({ headers, text: "" })) return await readBytes(response, limits);
      await response.body?.cancel();
      refuseWebPage(url, { status, headers, text: "" });
      throw status === 404
        ? new Failure("not-found", `There is no ${what}`, {
          next: `${url.replace(/\/download\/.*/, "")} lists the versions`,
        })
        : new Failure(
          kindOfStatus(status),
          `${url} was answered with ${status}`,
          { status, next: "Try again later" },
        );
    },
  });
}

/** The statuses of a proxy or a network that requires a login. */
const LOGIN_STATUSES = new Set([401, 403, 407]);

/** @throws {Failure} of kind `network` for a web page instead of a file. */
function refuseWebPage(
  url: string,
  answer: { readonly status: number; readonly headers: Headers; readonly text: string },
): void {
  const { status } = answer;
  const isLogin = (status >= 200 && status < 300) || LOGIN_STATUSES.has(status);
  if (isLogin && isWebPage(answer)) throw webPageFailure({ url }, answer, "a file of a release");
}

function decoded(bytes: Bytes): string {
  return new TextDecoder().decode(bytes);
}

function unverified(message: string): Failure {
  return new Failure("server", message, {
    next: "Nothing was changed. Try again, and report it if this happens again",
  });
}

/** The checksum of a file in a list as `sha256sum` writes it. */
function checksumOf(sums: string, file: string): string | undefined {
  return sums.split("\n").map((line) => /^([0-9a-f]{64}) [ *](.+)$/.exec(line))
    .find((match) => match?.[2] === file)?.[1];
}

interface Requested<T> {
  readonly redirect: "follow" | "manual";
  readonly answerMs?: number;
  readonly read: (response: Response) => Promise<T>;
}

async function request<T>(
  context: ReleasesContext,
  url: string,
  { redirect, answerMs = context.timeoutMs(), read }: Requested<T>,
): Promise<T> {
  const late = () =>
    new Failure("network", `${url} did not answer within ${answerMs / 1000} s`, {
      next: "Check the network, or increase ARCADE_TIMEOUT_SECONDS",
    });
  context.trace?.(`> GET ${url}`);
  try {
    return await withDeadline(
      { milliseconds: answerMs, late, signal: context.signal },
      async (signal) => {
        const headers = { accept: "*/*", "user-agent": `arcade-cli/${VERSION} (deno)` };
        const response = await context.fetch(url, { headers, redirect, signal });
        context.trace?.(`< ${response.status} ${response.url || url}`);
        return await read(response);
      },
    );
  } catch (error) {
    const { networkFailure } = await import("../api/network_failure.ts");
    throw networkFailure(url, undefined, error);
  }
}

interface ReadLimits {
  readonly maxBytes: number;
  readonly onBytes?: Download["onBytes"];
}

function readBytes(response: Response, { maxBytes, onBytes }: ReadLimits): Promise<Bytes> {
  const total = Number(response.headers.get("content-length")) || undefined;
  return readStream(response.body ?? new Blob().stream(), {
    maxBytes,
    tooLarge: () => unverified(`${response.url} is larger than ${maxBytes} bytes`),
    onPiece: (size) => onBytes?.(size, total),
  });
}
