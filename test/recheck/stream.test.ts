import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { CodedError } from "../../lib/core/errors.ts";
import { readEventFile } from "../../lib/host/event-file.ts";
import { story } from "../report/fixture.ts";
import { scratch } from "../support/program.ts";
import { seal, storyLines, writeLines } from "./recorded.ts";

const lines = storyLines();
const sealed = [...lines, seal(lines)];
const changed = (n: number, line: string) => sealed.with(n - 1, line);
const edit = (n: number, change: object) => JSON.stringify({ ...JSON.parse(sealed[n - 1] ?? ""), ...change });
const resealed = (altered: readonly string[]) => [...altered, seal(altered)];
const last = sealed.length;

test("a stream is read back as it was recorded, in pieces of any size", (t) => {
  const path = join(scratch(t), "events.ndjson");
  writeLines(path, sealed);
  const { events, ended } = readEventFile(path);
  assert.deepEqual(
    events.slice(0, -2),
    story.map((event, seq) => ({ ...event, seq })),
  );
  assert.equal(ended.count, lines.length);

  // Longer than one piece, with letters of several bytes at every possible border.
  const long = Array.from({ length: 30_000 }, (_, seq) =>
    JSON.stringify({ v: 1, seq, t: 0, type: "warning", text: `ü€𝄞${"x".repeat(seq % 61)}` }),
  );
  writeLines(path, resealed(long));
  assert.equal(readEventFile(path).events.length, long.length + 1);
});

const DAMAGES: readonly (readonly [what: string, content: string | Buffer, code: string, says: RegExp])[] = [
  ["nothing in it", "", "NR-EVIDENCE-CUT", /it has no line$/],
  [
    "cut after a line",
    text(sealed.slice(0, 5)),
    "NR-EVIDENCE-CUT",
    /line 5, the last, is node\.started and not run\.ended/,
  ],
  ["cut within a line", text(sealed).slice(0, -40), "NR-EVIDENCE-CUT", new RegExp(`line ${last} is unfinished`)],
  [
    "a line taken out",
    text(sealed.toSpliced(3, 1)),
    "NR-EVIDENCE-ORDER",
    /line 4 has the sequence number 4, and 3 was/,
  ],
  ["a line twice", text(sealed.toSpliced(3, 0, sealed[3] ?? "")), "NR-EVIDENCE-ORDER", /line 5 .* number 3, and 4 was/],
  [
    "two lines in the other order",
    text(sealed.with(8, sealed[9] ?? "").with(9, sealed[8] ?? "")),
    "NR-EVIDENCE-ORDER",
    /line 9 has the sequence number 9, and 8 was expected/,
  ],
  [
    "two lines in the other order with their numbers put right",
    text(resealed(lines.with(2, edit(14, { seq: 2 })).with(13, edit(3, { seq: 13 })))),
    "NR-EVIDENCE-ORDER",
    /line 4 is of 14 ms, and the line before it of 2050 ms/,
  ],
  ["a line that is no JSON", text(changed(4, "{oops")), "NR-EVIDENCE-LINE", /line 4 is no event: it is not JSON/],
  [
    "a line that is no object",
    text(changed(4, "null")),
    "NR-EVIDENCE-LINE",
    /line 4 is no event: it is no JSON object/,
  ],
  ["an empty line", text(changed(4, "")), "NR-EVIDENCE-LINE", /line 4 is no event: it is not JSON/],
  ["another version", text(changed(4, edit(4, { v: 2 }))), "NR-EVIDENCE-LINE", /line 4 .*: its version v is 2, not 1/],
  ["no time", text(changed(4, edit(4, { t: "x" }))), "NR-EVIDENCE-LINE", /line 4 .*: its time t is no number/],
  [
    "an unknown type",
    text(changed(4, edit(4, { type: "constructor" }))),
    "NR-EVIDENCE-LINE",
    /line 4 .*: there is no event type "constructor"/,
  ],
  [
    "a field of another type",
    text(changed(4, edit(4, { slotMs: "2s" }))),
    "NR-EVIDENCE-LINE",
    /line 4 .*: slotMs of chain\.scheduled is "2s", not number/,
  ],
  [
    "a field that is missing",
    text(changed(4, edit(4, { slotMs: undefined }))),
    "NR-EVIDENCE-LINE",
    /line 4 .*: slotMs of chain\.scheduled is undefined, not "slotMs"/,
  ],
  [
    "one figure changed",
    text(changed(4, edit(4, { slotMs: 251 }))),
    "NR-EVIDENCE-ALTERED",
    new RegExp(
      `line ${last}, run\\.ended, doesn't seal the stream: the ${lines.length} lines before it have the SHA-256`,
    ),
  ],
  [
    "a space put in",
    text(changed(4, (sealed[3] ?? "").replace(":", ": "))),
    "NR-EVIDENCE-ALTERED",
    /doesn't seal the stream/,
  ],
  [
    "another count in the seal",
    text(changed(last, edit(last, { count: 5 }))),
    "NR-EVIDENCE-ALTERED",
    new RegExp(`${lines.length} lines are before it, and it says 5`),
  ],
  [
    "a byte that is no UTF-8",
    altered(text(sealed).indexOf("chain.scheduled") + 3, 0xff),
    "NR-EVIDENCE-LINE",
    /line \d+ is no event: there is no event type/,
  ],
  [
    "a byte that is no UTF-8 in a text",
    altered(text(sealed).indexOf('"build":"') + 9, 0xff),
    "NR-EVIDENCE-ALTERED",
    /doesn't seal the stream/,
  ],
  [
    "another digest in the seal",
    text(changed(last, edit(last, { sha256: "0".repeat(64) }))),
    "NR-EVIDENCE-ALTERED",
    /and it says 0{64}$/,
  ],
  [
    "a line of five million characters",
    text(sealed.toSpliced(3, 0, "x".repeat(5_000_000))),
    "NR-EVIDENCE-LINE",
    /^line 4 is no event: it is not JSON$/,
  ],
  [
    "the seal alone taken away",
    text(lines),
    "NR-EVIDENCE-CUT",
    new RegExp(`line ${last - 1}, the last, is run.verdict`),
  ],
  ["a file of zeros", Buffer.alloc(10_000), "NR-EVIDENCE-CUT", /line 1 is unfinished/],
  [
    "a stream of Windows lines",
    text(sealed).replaceAll("\n", "\r\n"),
    "NR-EVIDENCE-ALTERED",
    /doesn't seal the stream/,
  ],
  ["a line after the seal", text([...sealed, edit(last, { seq: last })]), "NR-EVIDENCE-ALTERED", /follows run\.ended/],
];

/** The sealed stream with one byte replaced. */
function altered(at: number, byte: number): Buffer {
  const bytes = Buffer.from(text(sealed));
  bytes[at] = byte;
  return bytes;
}

function text(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}

for (const [what, content, code, says] of DAMAGES) {
  test(`a stream is refused: ${what}`, (t) => {
    const path = join(scratch(t), "events.ndjson");
    writeFileSync(path, content);
    assert.throws(
      () => readEventFile(path),
      (thrown) => {
        assert.ok(thrown instanceof CodedError);
        assert.deepEqual([thrown.code, thrown.at, thrown.class], [code, path, "error"]);
        assert.match(thrown.message, says);
        return true;
      },
    );
  });
}

test("a folder in the stream's place is refused", (t) => {
  const folder = scratch(t);
  mkdirSync(join(folder, "events.ndjson"));
  assert.throws(
    () => readEventFile(join(folder, "events.ndjson")),
    (thrown) => thrown instanceof CodedError && thrown.code === "NR-EVIDENCE-ALTERED",
  );
});
