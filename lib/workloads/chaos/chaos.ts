import * as v from "valibot";
import { formatDuration } from "../../core/duration.ts";
import type { Capability } from "../../model/capability.ts";
import type { Plan, PlannedPiece } from "../../model/plan.ts";
import type { Objection, WorkloadFactory } from "../../model/workload.ts";
import { type ChaosOptions, ChaosOptionsSchema, type FaultKind } from "../../plan/chaos-options.ts";
import { healAllowanceMs, spanMs } from "../../plan/checks/fault-figures.ts";
import { heldMs } from "../../plan/checks/faults.ts";
import { sidesOf } from "../../plan/faults/links.ts";
import { faultSchedule, type PlannedFault } from "../../plan/faults/schedule.ts";
import { ChaosWorkload } from "./driver.ts";

/** What each kind of fault needs of backend and node kind. */
const NEEDS: Readonly<Record<FaultKind, readonly Capability[]>> = {
  restart: ["node.restart"],
  "rolling-restart": ["node.restart"],
  stop: ["node.stop"],
  kill: ["node.kill"],
  pause: ["node.pause"],
  wipe: ["node.stop", "disk.wipe"],
  join: ["node.join"],
  partition: ["link.partition"],
  delay: ["link.delay"],
  loss: ["link.loss"],
  bandwidth: ["link.bandwidth"],
  "clock-offset": ["clock.offset"],
};
/** Faults that `plan` lists one by one. */
const LISTED = 12;

/** Faults at times that follow from the plan's seed. */
export const chaos: WorkloadFactory = {
  kind: "chaos",

  describe(piece, plan) {
    const options = optionsOf(piece);
    const { slotMs } = plan.consensus;
    const schedule = faultSchedule(plan, piece.name, options).filter(
      (fault) => fault.at + spanMs(fault, slotMs) <= plan.durationMs,
    );
    const listed = schedule.slice(0, LISTED).map((fault) => describeFault(fault, plan));
    const more = schedule.length > LISTED ? [`and ${schedule.length - LISTED} more`] : [];
    return [
      ...(options.restart ? [describeRestarts(options.restart)] : []),
      `at most ${options.maxUnavailable} down at a time`,
      `faults by this seed: ${[...listed, ...more].join(", ") || "none"}`,
    ];
  },

  needs: (options) => {
    const read = v.safeParse(ChaosOptionsSchema, options);
    // Options that are none are refused by their own check.
    if (!read.success) return [];
    const { restart, faults } = read.output;
    const kinds = [...(restart ? (["restart"] as const) : []), ...faults.map(({ kind }) => kind)];
    return [...new Set(kinds.flatMap((kind) => NEEDS[kind]))];
  },
  object: objections,
  expectations: () => [{ kind: "fault-recovery", name: "fault-recovery", options: {} }],
  create: (piece) => new ChaosWorkload(piece.name, optionsOf(piece)),
};

function optionsOf(piece: PlannedPiece): ChaosOptions {
  return v.parse(ChaosOptionsSchema, piece.options);
}

function describeRestarts({ minDelayMs, maxDelayMs, targetCooldownMs }: NonNullable<ChaosOptions["restart"]>): string {
  return (
    `restart every ${formatDuration(minDelayMs)} to ${formatDuration(maxDelayMs)}, each node at most once in ` +
    formatDuration(targetCooldownMs)
  );
}

function describeFault({ at, kind, options, targets }: PlannedFault, plan: Plan): string {
  const held = options ? heldMs(options) : 0;
  const who = targets.length > 0 ? targets.join(" and ") : "the newest leader";
  const what =
    options?.kind === "partition"
      ? sidesOf(options, targets, plan.topology.nodes)
          .map((side) => side.join(" and "))
          .join(" | ")
      : who;
  return `${kind} of ${what} at ${formatDuration(at)}${held > 0 ? ` for ${formatDuration(held)}` : ""}`;
}

/** Whether there are targets, and times that go together, was checked before; here is what depends on the chain. */
function objections(piece: PlannedPiece, plan: Plan): readonly Objection[] {
  const { restart } = optionsOf(piece);
  if (!restart) return [];
  const { minDelayMs } = restart;
  const allowance = healAllowanceMs(plan.consensus.slotMs);
  if (minDelayMs + allowance <= plan.durationMs) return [];
  return [
    {
      code: "NR-PLAN-IMPOSSIBLE",
      path: "options.restart.minDelayMs",
      message:
        `no restart fits into ${formatDuration(plan.durationMs)}: the first comes after ${formatDuration(minDelayMs)} at the earliest, ` +
        `and needs up to ${formatDuration(allowance)} to heal`,
      hint: `Use a withRunDuration of at least ${formatDuration(minDelayMs + allowance)}, or a shorter minDelay.`,
    },
  ];
}
