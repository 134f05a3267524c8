import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test, { describe } from "node:test";
import { FEATURES, type Files, REFUSALS } from "./loading-table.ts";
import { scratch } from "./program.ts";

/** What `plan WRITTEN --json` in a folder came to. */
export interface Planned {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function writeFiles(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

export function assertPlanned({ status, stdout, stderr }: Planned): void {
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /"name": "good"/);
}

/**
 * Tests of everything that a scenario can be written with, and of everything that it is refused for.
 * @param words messages that this program has in words of its own
 */
export function testLoading(
  program: string,
  plan: (folder: string, written: string) => Planned,
  words: Readonly<Record<string, string>> = {},
): void {
  describe(`${program} loads a scenario with`, { concurrency: 2 }, () => {
    for (const [feature, files] of Object.entries(FEATURES)) {
      test(feature, (t) => {
        const folder = scratch(t);
        writeFiles(folder, files);
        assertPlanned(plan(folder, "a.scenario.ts"));
        // From what the first start has kept.
        assertPlanned(plan(folder, "a.scenario.ts"));
      });
    }
  });

  describe(`${program} refuses, with place and reason,`, { concurrency: 2 }, () => {
    for (const [what, { files, written, code, message, at, excerpt }] of Object.entries(REFUSALS)) {
      test(what, (t) => {
        const folder = join(scratch(t), "lab");
        writeFiles(folder, files);
        const { status, stdout, stderr } = plan(folder, written ?? "a.scenario.ts");
        assert.deepEqual([status, stdout], [64, ""]);
        const inFolder = (text: string) => text.replaceAll("FOLDER", folder);
        assert.ok(stderr.startsWith(`error ${code}: ${words[what] ?? message}\n`), stderr);
        if (at !== undefined) assert.match(stderr, new RegExp(`^ {2}at ${escaped(inFolder(at))}$`, "m"));
        for (const line of excerpt?.split("\n") ?? []) assert.ok(stderr.includes(`\n    ${line}\n`), stderr);
      });
    }
  });
}

function escaped(literal: string): string {
  return literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
