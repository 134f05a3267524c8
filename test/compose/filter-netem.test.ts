import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { tableOf } from "../../lib/host/docker/packet-filter-rules.ts";
import { APPLY } from "../../lib/host/docker/packet-filter-scripts.ts";
import { shapingOf } from "../../lib/host/docker/packet-filter-shaping.ts";
import type { Traffic } from "../../lib/host/docker/packet-filter-traffic.ts";
import { scratch } from "../support/program.ts";

const KERNEL = "/usr/bin/linux.uml";

interface Measured {
  /** For each of three peers: round trips in ms and numbers of datagrams, as they came back. */
  readonly trips: readonly (readonly (readonly [ms: number, number: number])[])[];
  /** Ms for 200 kB to the second. */
  readonly stream: number;
}

interface Result {
  readonly error?: string;
  readonly before: Measured;
  readonly apply: { readonly code: number; readonly said: string };
  readonly under: Measured;
  readonly clear: { readonly code: number; readonly said: string };
  readonly after: Measured;
}

/** The middle one, which a busy machine hardly moves. */
function median({ trips }: Measured, peer: number): number {
  const sorted = (trips[peer] ?? []).map(([ms]) => ms).toSorted((a, b) => a - b);
  assert.equal(sorted.length, 100, "every datagram came back");
  return sorted[50] ?? Number.NaN;
}

// The machine's own kernel need not have netem: a kernel that does runs as a program.
test("a kernel with netem delays packets to one peer by what is said, in order, and those to no other", {
  skip: !existsSync(KERNEL) && "needs user-mode-linux",
}, (t) => {
  const folder = scratch(t);
  const clear: Traffic = { incoming: [], outgoing: [] };
  const late = { to: "10.9.0.2", cut: false, delayMs: 300, jitterMs: 100 };
  const slow = { to: "10.9.0.3", cut: false, delayMs: 50, jitterMs: 0, bandwidthKbit: 1_000 };
  const traffic = { ...clear, outgoing: [late, slow] };
  writeFileSync(join(folder, "apply.sh"), APPLY);
  writeFileSync(join(folder, "table"), tableOf(traffic, true));
  writeFileSync(join(folder, "clear"), tableOf(clear, true));
  writeFileSync(join(folder, "shaping"), shapingOf(traffic));
  const init = join(import.meta.dirname, "netem-init.py");
  const args = [
    "root=/dev/root",
    "rootfstype=hostfs",
    "rw",
    "mem=128M",
    "con=null",
    `init=${init}`,
    `FOLDER=${folder}`,
  ];
  const { stdout } = spawnSync(KERNEL, args, {
    encoding: "utf8",
    env: { HOME: folder, TMPDIR: folder },
    timeout: 120_000,
    killSignal: "SIGKILL",
  });
  const path = join(folder, "result.json");
  assert.ok(existsSync(path), stdout);
  const result = JSON.parse(readFileSync(path, "utf8")) as Result;

  assert.equal(result.error, undefined);
  const { before, apply, under, after } = result;
  assert.deepEqual(
    [apply, result.clear],
    [
      { code: 0, said: "" },
      { code: 0, said: "" },
    ],
  );
  const medians = (measured: Measured) => [0, 1, 2].map((peer) => Math.round(median(measured, peer)));
  t.diagnostic(`round trips: ${medians(before)} ms, then ${medians(under)} ms, then ${medians(after)} ms`);
  for (const [ms] of under.trips[0] ?? []) assert.ok(ms >= 300, `${ms} ms`);
  assert.ok(median(under, 0) < 450);
  assert.ok(median(under, 1) >= 50 && median(under, 1) < 150);
  for (const measured of [before, after]) for (const peer of [0, 1, 2]) assert.ok(median(measured, peer) < 25);
  assert.ok(median(under, 2) < 25);
  for (const trips of under.trips) {
    assert.deepEqual(
      trips.map(([, number]) => number),
      trips.map((_, i) => i),
    );
  }
  // 1.6 s for the bytes alone.
  t.diagnostic(`200 kB: ${[before, under, after].map(({ stream }) => Math.round(stream)).join(", ")} ms`);
  assert.ok(under.stream > 1_500 && before.stream < 1_000 && after.stream < 1_000);
});
