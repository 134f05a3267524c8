import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { ErrorCode } from "../../lib/core/error-codes.ts";
import { CodedError } from "../../lib/core/errors.ts";
import { type DownloadOptions, download } from "../../lib/host/download.ts";
import { scratch } from "../support/program.ts";
import { type FileServer, hurriedClock, serve } from "./support/serve.ts";

const BYTES = 300_000;

async function prepare(t: TestContext) {
  const folder = scratch(t);
  // Not of one pattern: a part in the wrong place shows.
  const body = Buffer.from(Array.from({ length: BYTES }, (_, i) => (i * i * 31 + (i >> 8)) & 0xff));
  writeFileSync(join(folder, "file.bin"), body);
  const server = await serve(t, folder);
  const path = join(folder, "fetched");
  const get = (plan: string, options: Partial<DownloadOptions> = {}) =>
    download({
      url: `${server.url}/${plan}/file.bin`,
      path,
      clock: hurriedClock,
      signal: AbortSignal.timeout(20_000),
      ...options,
    });
  return { folder, body, server, path, get };
}

async function rejects(work: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof CodedError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

const ranges = async (server: FileServer) => (await server.requests()).map(({ range }) => range);

test("a file comes whole from servers that cut, fail, stall, change it or can't resume", async (t) => {
  const { folder, body, server, path, get } = await prepare(t);
  const digest = execFileSync("sha256sum", [join(folder, "file.bin")], { encoding: "utf8" }).split(" ")[0] ?? "";
  const asked = async (plan: string) =>
    (await server.requests()).filter(({ url }) => url === `/${plan}/file.bin`).map(({ range }) => range);
  for (const [plan, expected] of [
    ["good", [null]],
    ["cut", [null, "bytes=60000-", "bytes=120000-", "bytes=180000-"]],
    ["whole", [null, null]],
    ["changing", [null, "bytes=150000-"]],
    ["failing", [null, null, null]],
    ["chunked", [null, null]],
    ["wrongpart", [null, "bytes=150000-", null]],
    ["slow", [null]],
    ["redirect", [null]],
    ["busy", [null, null]],
  ] as const) {
    assert.deepEqual(await get(plan, { sha256: digest }), { bytes: BYTES, sha256: digest }, plan);
    assert.ok(readFileSync(path).equals(body), plan);
    assert.deepEqual(await asked(plan), expected, plan);
  }
});

test("a server that falls silent is left and resumed", async (t) => {
  const { body, server, path, get } = await prepare(t);
  const retries: string[] = [];
  await get("silent", { silenceMs: 4_000, onRetry: (why) => retries.push(why) });
  assert.ok(readFileSync(path).equals(body));
  assert.deepEqual(retries, ["nothing came for 4s; attempt 2 of 6 in 500ms"]);
  assert.deepEqual(await ranges(server), [null, "bytes=150000-"]);
});

test("what doesn't pass is an error that says what was asked and answered", async (t) => {
  const { server, get } = await prepare(t);
  await rejects(
    get("missing"),
    "NR-HOST-DOWNLOAD-MISSING",
    /\/missing\/file\.bin is not there: the server answered 404/,
  );
  await rejects(get("forbidden"), "NR-HOST-DOWNLOAD", /answered 403/);
  await rejects(get("loop"), "NR-HOST-DOWNLOAD", /redirect count exceeded/);
  await rejects(get("broken"), "NR-HOST-DOWNLOAD", /the server answered 500 \(6 attempts\)/);
  await rejects(
    get("good", { sha256: "0".repeat(64) }),
    "NR-HOST-CHECKSUM",
    /has the SHA-256 [0-9a-f]{64}, and 0{64} was/,
  );
  await rejects(get("broken", { timeoutMs: 2_000 }), "NR-CORE-DEADLINE", /took longer than 2s; last seen: 0 of/);
  await rejects(
    get("good", { url: "http://127.0.0.1:1/x" }),
    "NR-HOST-DOWNLOAD",
    /http:\/\/127\.0\.0\.1:1\/x can't be fetched: .*ECONNREFUSED|bad port/,
  );
  assert.equal(
    (await server.requests()).filter(({ url }) => url === "/forbidden/file.bin").length,
    1,
    "not tried again",
  );
});

test("an abort ends a download at once", async (t) => {
  const { get } = await prepare(t);
  const abort = new AbortController();
  const reason = new Error("enough");
  const work = get("silent", { signal: abort.signal, onProgress: () => abort.abort(reason) });
  await assert.rejects(work, reason);
});

test("a full disk is named as such", {
  skip: process.getuid?.() !== 0 ? "needs root to mount a small disk" : false,
}, async (t) => {
  const { folder, get } = await prepare(t);
  const small = join(folder, "small");
  mkdirSync(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]);
  try {
    const path = join(small, "fetched");
    await rejects(get("good", { path }), "NR-HOST-DISK-FULL", /the disk is full: .*small\/fetched/);
    assert.ok(statSync(path).size < BYTES);
  } finally {
    execFileSync("umount", [small]);
  }
});
