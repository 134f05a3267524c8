import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { Clock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { CodedError, errorText, systemCode } from "../core/errors.ts";
import { withDeadline } from "../core/wait.ts";
import { writeError } from "./disk-errors.ts";

/** How often a download is begun; what a server has sent already is not asked for again where it can resume. */
const ATTEMPTS = 6;
/** Pause before the second attempt; it doubles from one to the next. */
const FIRST_PAUSE_MS = 500;
/** The longest pause that a server can ask for with Retry-After. */
const LONGEST_PAUSE_MS = 60_000;
/** A connection that brings nothing for this long is given up. */
const SILENCE_MS = 30_000;
/** Answers that another attempt may change: timeouts, too many requests, faults of the server (RFC 9110 and 6585). */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

export interface DownloadOptions {
  readonly url: string;
  /** The file that is made; it is there whole or, when this rejects, not to be used. */
  readonly path: string;
  /** What its SHA-256 must be, in hexadecimal. */
  readonly sha256?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For all attempts together; 30 minutes by default. */
  readonly timeoutMs?: number;
  /** As {@link SILENCE_MS}. */
  readonly silenceMs?: number;
  /** Bytes so far, and of all when the server says that. */
  readonly onProgress?: (done: number, total: number | null) => void;
  /** Is told why another attempt follows. */
  readonly onRetry?: (why: string) => void;
}

/** A file that was fetched. */
export interface Downloaded {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/**
 * Fetches a file over HTTP. What passes is tried again: connections that fail, are cut or fall silent, answers too
 * short, and faults of the server; each time from where the last attempt ended if the server still has the same file.
 * @throws CodedError NR-HOST-DOWNLOAD, NR-HOST-DOWNLOAD-MISSING, NR-HOST-CHECKSUM, NR-HOST-DISK-FULL, NR-HOST-WRITE,
 *   NR-CORE-DEADLINE
 */
export async function download(options: DownloadOptions): Promise<Downloaded> {
  const { url, path, clock, signal, timeoutMs = 30 * 60_000 } = options;
  const file = await open(path, "w").catch((error: unknown) => {
    throw writeError(path, error, "task");
  });
  const part = new Part(file, path);
  try {
    await withDeadline({ clock, what: `fetching ${url}`, timeoutMs, signal, seen: () => part.seen }, (inner) =>
      attempts({ ...options, signal: inner }, part),
    );
  } finally {
    await file.close();
  }
  const sha256 = part.digest();
  if (options.sha256 !== undefined && options.sha256.toLowerCase() !== sha256) {
    throw new CodedError("NR-HOST-CHECKSUM", `${url} has the SHA-256 ${sha256}, and ${options.sha256} was expected`, {
      hint: "Somebody changed the file, or the checksum is of another one: find out which before you use it.",
    });
  }
  return { bytes: part.bytes, sha256 };
}

/** What has come so far. */
class Part {
  readonly #file: FileHandle;
  readonly #path: string;
  #hash = createHash("sha256");
  bytes = 0;
  total: number | null = null;
  /** What tells this file from a later one at the same URL; null when the server gives nothing of the sort. */
  validator: string | null = null;
  problem = "no answer";

  constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  get seen(): string {
    return `${this.bytes} of ${this.total ?? "an unknown number of"} bytes, ${this.problem}`;
  }

  async append(chunk: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < chunk.length; ) {
        const { bytesWritten } = await this.#file.write(chunk, at, chunk.length - at, this.bytes + at);
        at += bytesWritten;
      }
    } catch (error) {
      throw writeError(this.#path, error, "task");
    }
    this.#hash.update(chunk);
    this.bytes += chunk.length;
  }

  async restart(): Promise<void> {
    this.bytes = 0;
    this.#hash = createHash("sha256");
    await this.#file.truncate(0);
  }

  digest(): string {
    return this.#hash.digest("hex");
  }
}

/** That an attempt failed in a way which another may not. */
class Passing extends Error {
  readonly pauseMs: number;

  constructor(message: string, pauseMs = 0, cause?: unknown) {
    super(message, { cause });
    this.pauseMs = pauseMs;
  }
}

async function attempts(options: DownloadOptions, part: Part): Promise<void> {
  const { url, clock, signal, onRetry } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(options, part);
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof Passing)) throw thrown;
      part.problem = thrown.message;
      if (attempt === ATTEMPTS) {
        throw new CodedError("NR-HOST-DOWNLOAD", `${url} can't be fetched: ${thrown.message} (${ATTEMPTS} attempts)`, {
          hint: "Check the connection and the URL, or fetch the file by other means and give its path.",
          cause: thrown,
        });
      }
      const pauseMs = Math.max(thrown.pauseMs, FIRST_PAUSE_MS * 2 ** (attempt - 1));
      onRetry?.(`${thrown.message}; attempt ${attempt + 1} of ${ATTEMPTS} in ${formatDuration(pauseMs)}`);
      await clock.sleep(pauseMs, signal);
    }
  }
}

async function fetchOnce(options: DownloadOptions, part: Part): Promise<void> {
  const { url, headers, clock, signal, silenceMs = SILENCE_MS, onProgress } = options;
  const own = new AbortController();
  const given = AbortSignal.any([signal, own.signal]);
  const inTime = <T>(work: Promise<T>) =>
    withDeadline({ clock, what: "an answer", timeoutMs: silenceMs, signal: given }, () => work).catch(
      (error: unknown) => {
        if (error instanceof CodedError && error.code === "NR-CORE-DEADLINE") {
          throw new Passing(`nothing came for ${formatDuration(silenceMs)}`);
        }
        throw error;
      },
    );
  const resumes = part.bytes > 0 && part.validator !== null;
  if (part.bytes > 0 && !resumes) await part.restart();
  try {
    const response = await inTime(
      fetch(url, {
        signal: given,
        headers: {
          // Lengths and ranges are then of the file and not of its packing.
          "accept-encoding": "identity",
          "user-agent": "nomos-run",
          ...headers,
          ...(resumes && { range: `bytes=${part.bytes}-`, "if-range": part.validator as string }),
        },
      }),
    );
    await judge(response, options, part, resumes);
    const reader = (response.body ?? new ReadableStream<Uint8Array>({ start: (stream) => stream.close() })).getReader();
    for (;;) {
      const { done, value } = await inTime(reader.read());
      if (done) break;
      await part.append(value);
      onProgress?.(part.bytes, part.total);
    }
  } catch (thrown) {
    if (thrown instanceof CodedError || thrown instanceof Passing) throw thrown;
    signal.throwIfAborted();
    throw new Passing(networkText(thrown), 0, thrown);
  } finally {
    own.abort("this attempt is over");
  }
  if (part.total !== null && part.bytes !== part.total) {
    throw new Passing(`${part.bytes} bytes came of ${part.total}`);
  }
}

/** Reads an answer's head into the part. */
async function judge(response: Response, { url }: DownloadOptions, part: Part, resumes: boolean): Promise<void> {
  const { status } = response;
  if (url.startsWith("https:") && !response.url.startsWith("https:")) {
    throw new CodedError("NR-HOST-DOWNLOAD", `${url} leads to ${response.url}, which is not encrypted`, {
      hint: "Use the final URL if you trust the way to it.",
    });
  }
  if (PASSING.has(status)) throw new Passing(`the server answered ${status}`, retryAfterMs(response));
  if (status === 404 || status === 410) {
    throw new CodedError("NR-HOST-DOWNLOAD-MISSING", `${url} is not there: the server answered ${status}`, {
      hint: "Check the version and the URL.",
    });
  }
  if (status === 416 && resumes) {
    await part.restart();
    part.validator = null;
    throw new Passing("the server has another file now");
  }
  if (!response.ok) {
    throw new CodedError("NR-HOST-DOWNLOAD", `${url} can't be fetched: the server answered ${status}`, {
      hint: status === 401 || status === 403 ? "Check what the server wants to know who asks." : "Check the URL.",
    });
  }
  const length = response.headers.get("content-length");
  const bytes = length !== null && /^\d+$/.test(length) ? Number(length) : null;
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "");
    if (
      !resumes ||
      !range ||
      Number(range[1]) !== part.bytes ||
      Number(range[2]) !== (part.total ?? Number(range[2]))
    ) {
      await part.restart();
      part.validator = null;
      throw new Passing("the server sent another part than was asked for");
    }
    part.total = Number(range[2]);
    return;
  }
  if (part.bytes > 0) await part.restart();
  part.total = bytes;
  const tag = response.headers.get("etag");
  part.validator = tag !== null && !tag.startsWith("W/") ? tag : response.headers.get("last-modified");
}

function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get("retry-after") ?? 0);
  return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds * 1_000), LONGEST_PAUSE_MS) : 0;
}

/** What the network said: fetch hides it one cause deep. */
function networkText(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const code = systemCode(cause);
  return code === undefined || errorText(cause).includes(code) ? errorText(cause) : `${errorText(cause)} (${code})`;
}
