/**
 * Generates the tables of docs/judgement.md between its `<!-- table: name -->` marks.
 *
 *   node bench/judgement-tables.ts            rewrites them
 *   node bench/judgement-tables.ts --check    exits with 1 when they are stale
 */
import { readFileSync, writeFileSync } from "node:fs";
import { binomialAtLeast } from "../lib/core/statistics/binomial.ts";
import { CountDistribution } from "../lib/core/statistics/count-distribution.ts";
import { judgeLiveness } from "../lib/evidence/judgement/liveness.ts";
import { LIVENESS_PROMISE, livenessLimits } from "../lib/evidence/judgement/liveness-limits.ts";
import { naturalConflict, sufficientSecurityParam } from "../lib/evidence/judgement/natural-conflict.ts";
import { longestSafePartition, partitionConflict } from "../lib/evidence/judgement/partition.ts";
import { shortestWindow } from "../lib/evidence/judgement/shortest-window.ts";
import { type Network, simulate } from "../test/judgement/network-simulator.ts";

const DOCUMENT = new URL("../docs/judgement.md", import.meta.url);
const F = 0.9;
const K = 10;

const equal = (nodes: number) => Array.from({ length: nodes }, () => 1 / nodes);
const constant = (p: number, slots: number) => Array.from({ length: slots }, () => p);
const occupancy = (share: number) => 1 - (1 - F) ** share;

/**
 * The real node's lottery, generation A: a second-order threshold in a prime field, where a negative value wraps
 * around. Each node has a leader note of 1,000 and two notes of 1 that count as stake and don't play.
 */
function generationA(nodes: number): number {
  const x = (-Math.log(1 - F) * 1_000) / (nodes * 1_002);
  const threshold = x - x ** 2 / 2;
  const wins = threshold - Math.floor(threshold);
  return 1 - (1 - wins) ** nodes;
}

function occupancyTable(): string {
  const rows = [1, 2, 3, 5, 7, 10].map((nodes) => [
    `${nodes}`,
    fixed(F, 3),
    nodes === 1 ? "–" : fixed(occupancy((nodes - 1) / nodes), 3),
    nodes < 3 ? "–" : fixed(occupancy((nodes - 2) / nodes), 3),
    percent(contested(nodes)),
    fixed(generationA(nodes), 3),
  ]);
  return table(
    ["nodes", "all up", "one down", "two down", "slots with two blocks or more", "real node, generation A"],
    rows,
  );
}

function contested(nodes: number): number {
  return new CountDistribution(equal(nodes).map(occupancy)).atLeast(2);
}

function windowTable(): string {
  const rows = [5, 10, 15, 20, 30, 38, 45, 60, 90, 150, 300, 600, 1_200, 1_800].map((slots) => {
    const limits = livenessLimits(constant(F, slots));
    return [
      `${slots}`,
      `${slots * 2} s`,
      fixed(limits.expectedBlocks, 1),
      `${limits.minimumBlocks}`,
      limits.longestGap === slots ? "any" : `${limits.longestGap}`,
      chance(limits.powerAtHalfSpeed),
      limits.conclusive ? "yes" : "no",
    ];
  });
  const head = ["slots", "at 2 s", "expected blocks", "minimum", "longest gap", "half speed is caught in", "can pass"];
  return table(head, rows);
}

function shortestTable(): string {
  const rows = [0.999, 0.95, 0.9, 0.887, 0.853, 0.8, 0.739, 0.658, 0.5, 0.3, 0.1].map((p) => {
    const slots = shortestWindow(p);
    return [`${p}`, `${slots}`, `${slots * 2} s`, `${slots * 0.25} s`];
  });
  return table(["p", "shortest window", "at 2 s", "at 250 ms"], rows);
}

function slownessTable(): string {
  const rows = [0.5, 0.7, 0.8, 0.9, 0.842 / 0.9].map((speed) => [
    speed === 0.842 / 0.9 ? "one of five makes no blocks" : `${speed * 100} % speed`,
    ...[45, 150, 300, 600, 1_200].map((slots) => {
      const { minimumBlocks } = livenessLimits(constant(F, slots));
      return chance(new CountDistribution(constant(F * speed, slots)).below(minimumBlocks));
    }),
  ]);
  return table(["chain", "45 slots", "150", "300", "600", "1,200"], rows);
}

function simulatedLiveness(): string {
  const network: Network = { shares: equal(5), f: F, k: K, tieBreak: "smaller-id" };
  const runs = 2_000;
  const rows = [15, 30, 45].map((slots) => {
    const seen = (name: string, speed: (slot: number) => number) => {
      const counts = { failed: 0, tooFew: 0 };
      for (let run = 0; run < runs; run++) {
        const { chain } = simulate({ ...network, speed }, slots, "tables", name, slots, run);
        const judged = judgeLiveness({
          window: { fromSlot: 0, toSlot: slots - 1 },
          blocks: chain.map((slot, i) => ({ height: i + 1, slot })),
          occupancy: () => F,
        });
        if (judged.outcome === "failed") counts.failed += 1;
        if ((judged.figures.blocks as number) < (judged.limits.minimumBlocks as number)) counts.tooFew += 1;
      }
      return counts;
    };
    const half = seen("half", () => 0.5);
    return [
      `${slots}`,
      `${seen("healthy", () => 1).failed}`,
      percent(livenessLimits(constant(F, slots)).powerAtHalfSpeed),
      percent(half.tooFew / runs),
      percent(half.failed / runs),
      percent(seen("stalled", (slot) => (slot < slots / 3 ? 1 : 0)).failed / runs),
    ];
  });
  return table(
    [
      "slots",
      "healthy runs failed",
      "half speed: stated",
      "seen by the count",
      "seen by either test",
      "stalled after a third",
    ],
    rows,
  );
}

function conflictTable(): string {
  const rows = [2, 3, 5, 10, 50, 1_000].map((nodes) => {
    const network = { nodes, occupancy: F, tieBreak: "first-seen" as const };
    const chance = (k: number, slots: number) => scientific(naturalConflict({ ...network, slots }, k));
    return [
      `${nodes}`,
      chance(5, 45),
      chance(10, 45),
      chance(10, 300),
      chance(20, 300),
      chance(40, 1_800),
      ...[45, 300, 1_800].map((slots) => `${sufficientSecurityParam({ ...network, slots })}`),
    ];
  });
  const head = ["nodes", "k 5, 45 slots", "k 10, 45", "k 10, 300", "k 20, 300", "k 40, 1,800"];
  return table([...head, "k for 45 slots", "for 300", "for 1,800"], rows);
}

/** P(conflict) seen in so many runs. */
function conflicts(network: Network, slots: number, runs: number, name: string): number {
  let count = 0;
  for (let run = 0; run < runs; run++) {
    if (simulate(network, slots, "tables", name, run).conflictAt !== null) count += 1;
  }
  return count / runs;
}

function simulatedConflict(): string {
  const deliveries = [
    { name: "within the slot", delaySlots: 0, lateness: 0 },
    { name: "1 % one slot late", delaySlots: 0, lateness: 0.01 },
    { name: "20 % one slot late", delaySlots: 0, lateness: 0.2 },
    { name: "all one slot late", delaySlots: 1, lateness: 0 },
    { name: "all two slots late", delaySlots: 2, lateness: 0 },
  ];
  const rows = deliveries.map(({ name, delaySlots, lateness }) => [
    name,
    ...(["smaller-id", "first-seen"] as const).flatMap((tieBreak) =>
      [5, 10].map((k) =>
        percent(conflicts({ shares: equal(5), f: F, k, tieBreak, delaySlots, lateness }, 45, 1_000, name)),
      ),
    ),
  ]);
  return table(["blocks arrive", "smaller id, k 5", "k 10", "first seen, k 5", "k 10"], rows);
}

const SPLITS: readonly { readonly name: string; readonly sides: readonly number[] }[] = [
  { name: "half", sides: [1 / 2, 1 / 2] },
  { name: "1 of 3", sides: [2 / 3, 1 / 3] },
  { name: "1 of 4", sides: [3 / 4, 1 / 4] },
  { name: "1 of 5", sides: [4 / 5, 1 / 5] },
  { name: "2 of 5", sides: [3 / 5, 2 / 5] },
  { name: "1 of 10", sides: [9 / 10, 1 / 10] },
  { name: "3 sides of 2, 2, 1", sides: [2 / 5, 2 / 5, 1 / 5] },
];

function partitionTable(): string {
  const rows = SPLITS.map(({ name, sides }) => [
    name,
    ...[10, 20, 30, 40, 80].map((k) => `${longestSafePartition({ sides: sides.map(occupancy), k })}`),
  ]);
  return table(["cut off", "k 10", "k 20", "k 30", "k 40", "k 80"], rows);
}

function simulatedPartition(): string {
  const sides = [occupancy(3 / 5), occupancy(2 / 5)];
  const rows = [6, 8, 10, 15, 20, 30].map((slots) => {
    const partition = { from: 15, to: 15 + slots, groupOf: [0, 0, 0, 1, 1] };
    const seen = (tieBreak: Network["tieBreak"]) =>
      conflicts({ shares: equal(5), f: F, k: K, tieBreak, partition }, 15 + slots + 3, 1_000, `cut ${slots}`);
    return [
      `${slots}`,
      scientific(partitionConflict({ sides, k: K }, slots)),
      scientific(sides.reduce((both, p) => both * binomialAtLeast(slots, p, K + 1), 1)),
      percent(seen("smaller-id")),
      percent(seen("first-seen")),
    ];
  });
  return table(["slots", "bound", "exact, smaller id", "seen, smaller id", "seen, first seen"], rows);
}

const TABLES: Readonly<Record<string, () => string>> = {
  occupancy: occupancyTable,
  windows: windowTable,
  "shortest-windows": shortestTable,
  slowness: slownessTable,
  "simulated-liveness": simulatedLiveness,
  "natural-conflict": conflictTable,
  "simulated-conflict": simulatedConflict,
  "safe-partitions": partitionTable,
  "simulated-partitions": simulatedPartition,
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "--:"))), ...rows.map(line)].join("\n");
}

function fixed(value: number, digits: number): string {
  return value.toFixed(digits);
}

/** A computed probability: rounding may have made it 1, which it never is. */
function chance(value: number): string {
  return percent(Math.min(value, 1 - Number.EPSILON));
}

/** Three digits, and never "100 %" or "0 %" for what is neither. */
function percent(share: number): string {
  if (share === 0 || share === 1) return `${share * 100} %`;
  if (share > 0.9995) return "> 99.9 %";
  if (share < 0.0001) return "< 0.01 %";
  return `${Number((share * 100).toPrecision(3))} %`;
}

function scientific(value: number): string {
  if (value === 0 || value >= 0.001) return percent(value);
  return value.toExponential(1);
}

/**
 * The document with every marked table made anew.
 * @throws Error when a table has no mark or a mark no table
 */
function renewed(text: string): string {
  const missing = new Set(Object.keys(TABLES));
  const result = text.replace(/(<!-- table: ([\w-]+) -->\n)[\s\S]*?(<!-- \/table -->)/g, (_, open, name, close) => {
    const make = TABLES[name];
    if (!make) throw new Error(`docs/judgement.md has a mark for the table "${name}", which nobody makes`);
    missing.delete(name);
    return `${open}${make()}\n${close}`;
  });
  if (missing.size > 0) throw new Error(`docs/judgement.md has no mark for: ${[...missing].join(", ")}`);
  return result;
}

const written = readFileSync(DOCUMENT, "utf8");
const current = renewed(written);
if (!process.argv.includes("--check")) {
  writeFileSync(DOCUMENT, current);
  console.log(`docs/judgement.md: tables for a false alarm of ${LIVENESS_PROMISE.falseAlarm} written`);
} else if (current !== written) {
  console.error("docs/judgement.md is stale: run `node bench/judgement-tables.ts` and commit the result");
  process.exitCode = 1;
}
