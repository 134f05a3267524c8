import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { denoAlone, UNDER_DENO } from "../support/deno.ts";
import { testLoading } from "../support/loading-cases.ts";

// One home for all, where Deno keeps what it compiled of this program.
const lab = mkdtempSync(join(tmpdir(), "nomos-run-test-"));
after(() => rmSync(lab, { recursive: true }));
const env = denoAlone(lab);
const [deno, ...underDeno] = UNDER_DENO;

/** Deno's stripper says neither what is wrong nor where: esbuild does, in its words. */
const WORDS = {
  "a syntax error": 'Unexpected "="',
  "a syntax error in a file that it imports": "Top-level return cannot be used inside an ECMAScript module",
  "a syntax error after characters of more than one byte, compiled by esbuild": 'Unexpected "="',
};

testLoading(
  "the sources under Deno",
  (folder, written) =>
    spawnSync(deno, [...underDeno, "plan", written, "--json"], {
      cwd: folder,
      env,
      encoding: "utf8",
      timeout: 60_000,
    }),
  WORDS,
);
