/** The releases in the repository of this build (docs/contracts.md, Releases). */

import { withDeadline } from "../system/deadline.ts";
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
  /** The public key of the releases, in the form of OpenSSH. */
  readonly publicKey: string;
}

export interface ReleasesContext {
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
  readonly trace: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A release on its way. */
export interface Download {
  readonly version: string;
  /** The name of the archive. */
  readonly file: string;
  /** Called with the number of bytes that have come, and with that of all bytes if it is known. */
  readonly onBytes: (received: number, total: number | undefined) => void;
}

/** The next step where something else has answered. */
const ASK_NETWORK =
  "Check whether your network or a proxy wants a login in a browser, then try again";
const SIGNATURE_NAMESPACE = "arcade-release";
const MAX_TEXT_BYTES = 1024 * 1024;
/** Several times the size of an archive today. */
const MAX_ARCHIVE_BYTES = 512 * 1024 * 1024;
/** How long an archive may take, in timeouts of one response: 10 minutes by default. */
const ARCHIVE_ANSWERS = 20;

/**
 * The newest version. Sends nothing but the request.
 *
 * @throws {Failure} of kind `network` or `server`.
 */
export async function findNewest(context: ReleasesContext, repository: string): Promise<string> {
  const url = `${repository}/releases/latest`;
  const { status, headers } = await request(context, url, {
    redirect: "manual",
    read: async (response) => {
      await response.body?.cancel();
      return response;
    },
  });
  const [, version = ""] = /\/releases\/tag\/v([^/?#]+)$/.exec(headers.get("location") ?? "") ?? [];
  if (isVersion(version)) return version;
  if (status === 404) {
    throw new Failure("not-found", `${repository} has no release yet`, {
      next: "Try again later",
    });
  }
  throw new Failure(kindOfStatus(status), `${url} names no version (${status})`, {
    status,
    next: ASK_NETWORK,
  });
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
    answerMs: ARCHIVE_ANSWERS * context.timeoutMs,
  });
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", archive));
  const actual = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
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
      maxBytes: MAX_TEXT_BYTES,
    });
  const [sums, signature] = [await text("SHA256SUMS"), await text("SHA256SUMS.sig")];
  const isSigned = await isSignedBy({
    message: sums,
    signature: new TextDecoder().decode(signature),
    publicKey: repository.publicKey,
    namespace: SIGNATURE_NAMESPACE,
  });
  if (!isSigned) throw unverified(`The checksums of arcade ${version} have no valid signature`);
  const checksum = checksumOf(new TextDecoder().decode(sums), file);
  if (checksum !== undefined) return checksum;
  throw new Failure("not-found", `arcade ${version} has no ${file}`, {
    next: `${repository.url}/releases lists what there is`,
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
      const isWebPage = /html/i.test(response.headers.get("content-type") ?? "");
      if (response.ok && !isWebPage) return await readBytes(response, limits);
      await response.body?.cancel();
      if (isWebPage && (response.ok || [401, 403, 407].includes(response.status))) {
        throw new Failure("network", `${url} was answered with a web page`, {
          status: response.status,
          next: ASK_NETWORK,
        });
      }
      throw response.status === 404
        ? new Failure("not-found", `There is no ${what}`, {
          next: `${url.replace(/\/download\/.*/, "")} lists the versions`,
        })
        : new Failure(
          kindOfStatus(response.status),
          `${url} was answered with ${response.status}`,
          {
            status: response.status,
            next: "Try again later",
          },
        );
    },
  });
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
  { redirect, answerMs = context.timeoutMs, read }: Requested<T>,
): Promise<T> {
  const late = () =>
    new Failure("network", `${url} did not answer within ${answerMs / 1000} s`, {
      next: "Check the network, or raise ARCADE_TIMEOUT_SECONDS",
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
    if (error instanceof Failure) throw error;
    throw new Failure("network", `${url} could not be downloaded`, {
      next: "Check the network and any proxy",
      cause: error,
    });
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
