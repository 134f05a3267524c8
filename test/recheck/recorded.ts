import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { RunEvent } from "../../lib/model/events.ts";
import { story } from "../report/fixture.ts";

/** A short stream as a run writes it, one line an event, without its seal. */
export function storyLines(): string[] {
  return [...story.map((event, seq) => ({ ...event, seq })), verdict(story.length)].map((event) =>
    JSON.stringify(event),
  );
}

function verdict(seq: number): RunEvent {
  return { v: 1, seq, t: 9_000, type: "run.verdict", verdict: "failed", why: "it was to be" };
}

/** The line that seals these. */
export function seal(lines: readonly string[]): string {
  const sha256 = createHash("sha256")
    .update(lines.map((line) => `${line}\n`).join(""))
    .digest("hex");
  return JSON.stringify({ v: 1, seq: lines.length, t: 9_000, type: "run.ended", count: lines.length, sha256 });
}

export function writeLines(path: string, lines: readonly string[]): void {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
}
