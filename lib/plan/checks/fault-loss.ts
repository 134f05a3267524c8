import * as v from "valibot";
import { formatDuration } from "../../core/duration.ts";
import { partitionConflict } from "../../evidence/judgement/partition.ts";
import type { NodeKind } from "../../model/node-kind.ts";
import type { Plan, PlannedNode } from "../../model/plan.ts";
import { type ChaosOptions, ChaosOptionsSchema } from "../chaos-options.ts";
import { conditionsOfFault } from "../faults/links.ts";
import { stakeOf } from "../faults/targets.ts";
import { chance, figure } from "../figure.ts";
import type { Finding } from "../problem.ts";

type Occupancy = Pick<NodeKind, "occupancy">;
type Loss = Extract<ChaosOptions["faults"][number], { kind: "loss" }>;

/** How often loss may break agreement before the plan warns: an estimate that is too high by up to ten times. */
const WARNED_FROM = 1e-3;
/** Messages that a node needs to catch up over one link: a block, the request for what it lacks, and the answer. */
const TO_CATCH_UP = { heard: 2, said: 1 };

/** Losses that may keep a node apart from the others until both have made k blocks, as a long partition does. */
export function heavyLosses(plan: Plan, nodeKind: Occupancy): Finding[] {
  if (!plan.expectations.some(({ kind }) => kind === "agreement")) return [];
  return plan.workloads.flatMap((piece) => {
    const options = piece.kind === "chaos" ? v.safeParse(ChaosOptionsSchema, piece.options) : null;
    if (!options?.success) return [];
    return options.output.faults.flatMap((fault, i) =>
      fault.kind === "loss" && fault.loss < 1
        ? heavyLoss(`workloads.${piece.name}.options.faults.${i}.loss`, fault, plan, nodeKind)
        : [],
    );
  });
}

function heavyLoss(path: string, fault: Loss, plan: Plan, nodeKind: Occupancy): Finding[] {
  const { slotMs, k } = plan.consensus;
  const worst = chanceApart(fault, plan, nodeKind);
  if (worst.chance <= WARNED_FROM) return [];
  return [
    {
      code: "NR-PLAN-PARTITION",
      path,
      message:
        `a loss of ${figure(100 * fault.loss)} % for ${Math.ceil(fault.forMs / slotMs)} slots (${formatDuration(fault.forMs)}) may keep nodes apart as a partition does: ` +
        `${worst.node} catches up with the others in ${chance(worst.catchesUp)} of the slots, and agreement at k ${k} fails in about ${chance(worst.chance)} of such runs`,
      hint: `Use a loss of at most ${figure(mostLoss(fault, plan, nodeKind))}, a shorter for, more links, a larger securityParam, or expectDivergence().`,
    },
  ];
}

/** How likely the fault keeps any node apart for long enough, and the node that it concerns most. */
function chanceApart(fault: Loss, plan: Plan, nodeKind: Occupancy) {
  const { nodes } = plan.topology;
  // Whoever is chosen by the run or the seed: all nodes are looked at as if they were.
  const targets = Array.isArray(fault.targets) ? fault.targets : nodes.map(({ name }) => name);
  const losses = new Map(conditionsOfFault(fault, targets, nodes).map(({ from, to, loss }) => [`${from}>${to}`, loss]));
  const slots = Math.ceil(fault.forMs / plan.consensus.slotMs);
  const sorts = Map.groupBy(nodes, (node) => `${node.stake} ${catchesUp(node, losses)}`);
  let worst = { node: "", catchesUp: 1, chance: 0 };
  let total = 0;
  for (const sort of sorts.values()) {
    const [node] = sort;
    if (!node) continue;
    const each = apart(node, catchesUp(node, losses), slots, plan, nodeKind);
    total += sort.length * each;
    if (each > worst.chance) worst = { node: node.name, catchesUp: catchesUp(node, losses), chance: each };
  }
  return { ...worst, chance: Math.min(1, total) };
}

/** Probability that a node catches up with any of its neighbours in a slot. */
function catchesUp({ name, neighbours }: PlannedNode, losses: ReadonlyMap<string, number>): number {
  const fails = neighbours.map((peer) => {
    const heard = 1 - (losses.get(`${peer}>${name}`) ?? 0);
    const said = 1 - (losses.get(`${name}>${peer}`) ?? 0);
    return 1 - heard ** TO_CATCH_UP.heard * said ** TO_CATCH_UP.said;
  });
  return 1 - fails.reduce((product, fail) => product * fail, 1);
}

/** The likeliest way in which a node is apart for some slots in a row, and both sides make k blocks in them. */
function apart(node: PlannedNode, each: number, slots: number, plan: Plan, nodeKind: Occupancy): number {
  const { consensus, topology } = plan;
  if (each >= 1) return 0;
  const total = stakeOf(topology.nodes);
  const rest = topology.nodes.filter((other) => other !== node).map(({ stake }) => stake);
  if (rest.length === 0) return 0;
  const sides = [nodeKind.occupancy(consensus, [node.stake], total), nodeKind.occupancy(consensus, rest, total)];
  let most = 0;
  for (let n = Math.min(consensus.k - 1, slots); n <= slots; n++) {
    const inRow = (1 - each) ** n * (1 + (slots - n) * each);
    if (inRow < WARNED_FROM / 1_000) break;
    most = Math.max(most, Math.min(1, inRow) * partitionConflict({ sides, k: consensus.k }, n));
  }
  return most;
}

/** The largest loss, in hundredths, that is not warned of. */
function mostLoss(fault: Loss, plan: Plan, nodeKind: Occupancy): number {
  for (let percent = Math.floor(100 * fault.loss); percent > 1; percent--) {
    const loss = percent / 100;
    if (loss < fault.loss && chanceApart({ ...fault, loss }, plan, nodeKind).chance <= WARNED_FROM) return loss;
  }
  return 0.01;
}
