import type { EventData, EventType, RunEvent } from "../../lib/model/events.ts";
import type { RunHeader } from "../../lib/report/reporter.ts";
import type { Screen } from "../../lib/report/screen.ts";
import type { RunReport } from "../../lib/run/run-report.ts";
import { standInPlan } from "../backends/stand-in/kind.ts";

export const header: RunHeader = { runId: "run-1", folder: "/tmp/runs/run-1", plan: standInPlan(3) };

let seq = 0;
export function event<T extends EventType>(t: number, type: T, data: EventData<T>): RunEvent {
  return { v: 1, seq: seq++, t, type, ...data } as unknown as RunEvent;
}

/** A short run with one of everything that a person should hear of. */
export const story: readonly RunEvent[] = [
  event(0, "run.started", { runId: "run-1", wallTime: null, plan: "digest", seed: "s33d", build: "source" }),
  event(1, "stage.started", { stage: "reserve", deadlineMs: 10_000 }),
  event(13, "stage.ended", { stage: "reserve", outcome: "done", ms: 12.5 }),
  event(14, "chain.scheduled", { chainStart: 1_014, slotMs: 250 }),
  ...[0, 1, 2].map((i) =>
    event(100 + i, "node.started", { node: `validator-${i}`, start: 1, handle: `pid ${i}`, by: "run" }),
  ),
  event(1_500, "stage.started", { stage: "drive", deadlineMs: 70_000 }),
  event(1_500, "window.opened", { slot: 2, height: 1 }),
  event(1_600, "tx.submitted", {
    workload: "transactions",
    n: 0,
    tx: "a1".repeat(32),
    node: "validator-0",
    intended: 1_600,
  }),
  event(1_610, "tx.accepted", { tx: "a1".repeat(32), node: "validator-0" }),
  event(1_700, "fault.planned", { fault: "restart-0", kind: "restart", target: "validator-1", at: 2_000 }),
  event(2_000, "fault.started", { fault: "restart-0", kind: "restart", target: "validator-1" }),
  event(2_050, "node.ended", { node: "validator-1", start: 1, expected: true, why: "exit code 0, as asked" }),
  event(2_060, "node.started", { node: "validator-1", start: 2, handle: "pid 9", by: "fault" }),
  event(2_100, "fault.effective", { fault: "restart-0", seen: "pid 1 became pid 9" }),
  event(2_700, "fault.healed", { fault: "restart-0", seen: "it answers, and its tip moved" }),
  event(3_000, "block.seen", {
    node: "validator-0",
    block: "b1".repeat(32),
    parent: "00".repeat(32),
    height: 2,
    slot: 7,
    txs: ["a1".repeat(32)],
    messages: [],
  }),
  event(3_000, "chain.view", {
    node: "validator-0",
    tip: "b1".repeat(32),
    height: 2,
    slot: 7,
    lib: "00",
    libHeight: 0,
  }),
  event(4_000, "node.ended", { node: "validator-2", start: 1, expected: false, why: "SIGKILL, not by us" }),
  event(5_000, "warning", { text: "the network is slow" }),
  event(6_000, "error", { code: "NR-RUN-STAGE", message: "stage heal failed", hint: "Look.", stage: "heal" }),
];

/** What that run's end says. */
export const report: RunReport = {
  v: 1,
  runId: "run-1",
  name: "conformance",
  verdict: "failed",
  why: "no-unexpected-exit: validator-2 ended",
  startedAt: "2026-11-23T14:00:00.000Z",
  endedAt: "2026-11-23T14:01:30.040Z",
  seed: "s33d",
  deployer: "local",
  nodeKind: "reference",
  profile: "fast",
  planDigest: "digest",
  build: "source",
  forecast: {
    p: 0.9,
    blockIntervalMs: 277,
    windowSlots: 100,
    driveSlots: 80,
    settleSlots: 20,
    expectedBlocks: 90,
    minimumBlocks: 70,
    powerAtHalfSpeed: 0.99,
    shortestWindowSlots: 60,
    naturalConflict: 1e-9,
  },
  expectations: [
    {
      expectation: "liveness",
      kind: "liveness",
      outcome: "passed",
      summary: "90 blocks in 100 slots, at least 70 were needed",
      figures: { blocks: 90, slots: 100, power: 0.987654 },
      limits: { minimumBlocks: 70, falseAlarm: 0.000001 },
      findings: [],
    },
    {
      expectation: "no-unexpected-exit",
      kind: "no-unexpected-exit",
      outcome: "failed",
      summary: "1 node ended although nobody asked it to",
      figures: { ended: 1 },
      limits: { ended: 0 },
      findings: ["validator-2, start 1: SIGKILL, not by us", ...Array.from({ length: 6 }, (_, i) => `more ${i}`)],
    },
  ],
  stages: [],
  inventory: { created: 6, removed: 6, items: [] },
  kept: false,
  errors: [{ code: "NR-RUN-STAGE", message: "stage heal failed", hint: "Look.", stage: "heal" }],
  events: { count: 1, sha256: "00" },
};

/** A screen that remembers what was written. */
export function paper(options: { columns?: number; color?: boolean } = {}): Screen & { text(): string } {
  let text = "";
  return {
    write: (more) => {
      text += more;
    },
    columns: () => options.columns ?? 100,
    color: options.color ?? false,
    text: () => text,
  };
}
