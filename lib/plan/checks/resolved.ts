import * as v from "valibot";
import { formatDuration } from "../../core/duration.ts";
import type { NodeKind } from "../../model/node-kind.ts";
import { type Plan, PlanSchema } from "../../model/plan.ts";
import type { CarryingChain } from "../blob-capacity.ts";
import { ChaosOptionsSchema } from "../chaos-options.ts";
import { chance } from "../figure.ts";
import { healthyNetwork, settleSlotsOf } from "../forecast.ts";
import { MAX_WINDOW_SLOTS, MIN_OCCUPANCY, MIN_RUN_SLOTS } from "../limits.ts";
import { wanted } from "../option-findings.ts";
import { DataAvailabilityOptionsSchema } from "../options.ts";
import { checkOptions } from "../pieces.ts";
import type { Finding } from "../problem.ts";
import { shown } from "../shown.ts";
import { TransactionsOptionsSchema } from "../transactions-options.ts";
import type { WrongParts } from "../wrong-parts.ts";
import { checkChaos } from "./chaos.ts";
import { checkBlobRate, checkExecutors } from "./data-availability.ts";
import { checkFaultFigures } from "./fault-figures.ts";
import { checkNodeCount } from "./network.ts";
import { checkPatches } from "./patches.ts";
import { checkTransactions } from "./transactions.ts";
import { checkFunds } from "./wallets.ts";

/**
 * What is wrong with a resolved plan on its node kind. Flags and the environment may have changed what `build` had
 * checked. What is concluded from a value that is wrong by itself is left out.
 * @param wrong what is known to be
 */
export function checkPlan(plan: Plan, nodeKind: NodeKind, wrong: WrongParts): Finding[] {
  const place = wrong.sound("profile", "nodeKind");
  const consensus = place ? checkConsensus(plan, nodeKind) : [];
  const options = [...checkOptions("workloads", plan.workloads), ...checkOptions("expectations", plan.expectations)];
  const known = [...consensus, ...options];
  const shape = checkShape(plan).filter(
    ({ path }) =>
      !known.some((one) => one.path === path) && wrong.sound(/^(da|topology)\./.test(path) ? "topology" : path),
  );
  const sound = plan.workloads.filter(
    ({ name }) =>
      wrong.sound(`workloads.${name}`) && !options.some(({ path }) => path.startsWith(`workloads.${name}.`)),
  );
  const network = place && shape.length === 0 && wrong.sound("consensus", "topology");
  return [
    ...known,
    ...shape,
    ...(wrong.sound("topology") ? checkNodeCount({ layout: plan.topology.layout, ...roles(plan) }) : []),
    ...(wrong.sound("topology", "nodeKind") ? checkPatches(plan, nodeKind) : []),
    ...(network && consensus.length === 0 && wrong.sound("durationMs") ? checkRunLength(plan, nodeKind) : []),
    ...(wrong.sound("wallets") ? checkFunds(plan.wallets) : []),
    ...(network && wrong.sound("wallets") ? sound.flatMap((piece) => checkWorkload(piece, plan, nodeKind)) : []),
  ];
}

function roles({ topology }: Plan): { validators: number; executors: number } {
  const executors = topology.nodes.filter((node) => node.role === "executor").length;
  return { validators: topology.nodes.length - executors, executors };
}

function checkConsensus({ consensus, profile }: Plan, nodeKind: NodeKind): Finding[] {
  const { slotMs, k, f } = consensus;
  const findings: Finding[] = [];
  const step = nodeKind.slotStepMs;
  if (!Number.isInteger(slotMs) || slotMs <= 0 || slotMs % step !== 0) {
    const fast = profile === "fast" && slotMs === 250;
    findings.push({
      code: fast ? "NR-PLAN-PROFILE" : "NR-PLAN-SLOT",
      path: fast ? "profile" : "consensus.slotMs",
      message: `${fast ? "the profile fast has" : "the plan has"} slots of ${shown(slotMs)} ms, and nodes of the kind ${nodeKind.name} need a multiple of ${step} ms`,
      hint: fast
        ? "Leave out the profile, or use the node kind reference."
        : `Use a slot of ${nearestStep(slotMs, step)} ms.`,
    });
  }
  if (!Number.isInteger(k) || k < 1) {
    findings.push({
      code: "NR-PLAN-CONSENSUS",
      path: "consensus.k",
      message: `the security parameter is ${shown(k)}, and it is a whole number from 1`,
      hint: "Use 10, the default, or another whole number.",
    });
  }
  if (typeof f !== "number" || !(f > 0 && f <= 1)) {
    findings.push({
      code: "NR-PLAN-CONSENSUS",
      path: "consensus.f",
      message: `the active slot coefficient is ${shown(f)}, and it is above 0 and at most 1`,
      hint: "Use 0.9, the default, or another number in that range.",
    });
  }
  return findings;
}

function nearestStep(slotMs: number, step: number): number {
  return Number.isFinite(slotMs) ? Math.max(step, Math.round(slotMs / step) * step) : step;
}

/** Whatever else `--set` may have spoiled: types and ranges of the plan's own fields. */
function checkShape(plan: Plan): Finding[] {
  const result = v.safeParse(PlanSchema, plan);
  if (result.success) return [];
  return result.issues.map((issue) => {
    const path = namedPath(plan, v.getDotPath(issue) ?? "");
    return {
      code: "NR-PLAN-VALUE",
      path,
      message: `${path} is ${shown(issue.input)}`,
      hint: `It must be ${wanted(issue)}.`,
    };
  });
}

/** A schema's path with nodes by name, as sources know them. */
function namedPath(plan: Plan, path: string): string {
  return path.replace(
    /^topology\.nodes\.(\d+)/,
    (_, index) => `topology.nodes.${plan.topology.nodes[Number(index)]?.name}`,
  );
}

function checkRunLength(plan: Plan, nodeKind: NodeKind): Finding[] {
  const { durationMs, consensus } = plan;
  const slots = Math.floor(durationMs / consensus.slotMs);
  if (slots < MIN_RUN_SLOTS) {
    return [
      {
        code: "NR-PLAN-RUN-SHORT",
        path: "durationMs",
        message: `a run of ${formatDuration(durationMs)} has ${slots} ${slots === 1 ? "slot" : "slots"} of ${formatDuration(consensus.slotMs)}`,
        hint: `Use at least ${formatDuration(MIN_RUN_SLOTS * consensus.slotMs)}.`,
      },
    ];
  }
  if (nodeKind.service) return [];
  const p = healthyNetwork(plan, nodeKind).occupancy;
  if (p < MIN_OCCUPANCY) {
    return [
      {
        code: "NR-PLAN-CONSENSUS",
        path: "consensus.f",
        message: `only ${chance(p)} of the slots would have a block, one every ${formatDuration(consensus.slotMs / p)}`,
        hint: `Use an active slot coefficient that gives at least ${chance(MIN_OCCUPANCY)}.`,
      },
    ];
  }
  const settle = settleSlotsOf(plan, p);
  if (slots + settle <= MAX_WINDOW_SLOTS) return [];
  return [
    {
      code: "NR-PLAN-RUN-LONG",
      path: settle > slots ? "consensus.k" : "durationMs",
      message: `${slots} slots of drive and ${settle} until finality are more than the ${MAX_WINDOW_SLOTS} that can be judged`,
      hint: `Use a shorter run, a smaller security parameter, or longer slots.`,
    },
  ];
}

/** What the plan's channels stand on; null on a chain too rare to run, which is refused for that. */
function carryingChain(plan: Plan, nodeKind: NodeKind): CarryingChain | null {
  const { occupancy: p } = healthyNetwork(plan, nodeKind);
  if (!(p >= MIN_OCCUPANCY)) return null;
  const slots = Math.floor(plan.durationMs / plan.consensus.slotMs);
  return { p, slots, predictableIds: nodeKind.predictableMessageIds };
}

/** Mean time between blocks; null where the consensus parameters are wrong, so that it can't be told. */
function blockIntervalMs(plan: Plan, nodeKind: NodeKind): number | null {
  const interval = plan.consensus.slotMs / healthyNetwork(plan, nodeKind).occupancy;
  return Number.isFinite(interval) && interval > 0 ? interval : null;
}

function checkWorkload(piece: Plan["workloads"][number], plan: Plan, nodeKind: NodeKind): Finding[] {
  const path = `workloads.${piece.name}`;
  const { nodes } = plan.topology;
  switch (piece.kind) {
    case "transactions": {
      const options = v.parse(TransactionsOptionsSchema, piece.options);
      return checkTransactions(path, options, plan.wallets.count, blockIntervalMs(plan, nodeKind));
    }
    case "data-availability": {
      const options = v.parse(DataAvailabilityOptionsSchema, piece.options);
      const chain = carryingChain(plan, nodeKind);
      return [
        ...checkExecutors(path, roles(plan).executors),
        ...(chain === null ? [] : checkBlobRate(path, options, chain)),
      ];
    }
    case "chaos": {
      const options = v.parse(ChaosOptionsSchema, piece.options);
      const findings = checkChaos(path, options, nodes);
      return findings.length > 0 ? findings : checkFaultFigures(path, piece.name, options, plan, nodeKind);
    }
    default:
      return [];
  }
}
