import * as v from "valibot";
import { foldChain } from "../evidence/folds/chain.ts";
import { foldStakeAlive } from "../evidence/folds/stake-alive.ts";
import type { Window } from "../evidence/folds/window.ts";
import { type ShareLimits, shareLimits, shares } from "../evidence/judgement/fair-share.ts";
import type { Evidence, ExpectationFactory } from "../model/expectation.ts";
import type { Judgement } from "../model/verdict.ts";
import { FairShareOptionsSchema } from "../plan/expectation-options.ts";
import { fairShareAlpha, fairShareSlots } from "../plan/fair-share-window.ts";
import { counted, inWindow, listed, names, undecided } from "./findings.ts";

/** One leader's blocks against what chance leaves it. */
interface Led {
  readonly name: string;
  readonly blocks: number;
  readonly limits: ShareLimits;
}

/** Every leader has the share of the blocks that its stake gives it. */
export const fairShare: ExpectationFactory = {
  kind: "fair-share",

  figures: () => ["blocks", "fewest", "most"],

  describe(piece, plan, forecast) {
    const { falseAlarm } = v.parse(FairShareOptionsSchema, piece.options);
    const slots = fairShareSlots(plan, forecast);
    return [
      `each of ${counted(plan.topology.nodes.length, "node")} leads as many blocks as its stake gives it; false alarm ${falseAlarm} in all`,
      `a node that never leads is caught from about ${slots} slots on, and ${forecast.windowSlots} are judged`,
    ];
  },

  object(_piece, { consensus }) {
    if (consensus.tieBreak === "smaller-id") return [];
    const message = `fair shares can't be reckoned where ties break by ${consensus.tieBreak}: who wins them depends on who is heard first`;
    return [{ code: "NR-PLAN-EXPECTATION", path: "options", message, hint: "Break ties by the smaller id." }];
  },

  create(piece) {
    const { falseAlarm } = v.parse(FairShareOptionsSchema, piece.options);
    return {
      name: piece.name,
      judge: (evidence) => inWindow(evidence, (window) => judge(evidence, window, falseAlarm)),
    };
  },
};

function judge(evidence: Evidence, window: Window, falseAlarm: number): Judgement {
  const { canonical } = foldChain(evidence.events, window.closedSeq);
  const blocks = canonical.filter(({ slot }) => slot >= window.fromSlot && slot <= window.toSlot);
  const anonymous = blocks.filter(({ leader }) => leader === undefined).length;
  if (blocks.length === 0) return undecided("no block of the canonical chain was seen in the window");
  if (anonymous > 0) return undecided(`${anonymous} of ${counted(blocks.length, "block")} don't show who led`);

  const led = ledBy(evidence, window, blocks, falseAlarm);
  const unfair = led.filter(({ blocks: own, limits }) => own < limits.minimum || own > limits.maximum);
  const undecidable = led.filter(({ limits }) => limits.minimum === 0);
  const figures = {
    blocks: blocks.length,
    fewest: Math.min(...led.map(({ blocks: own }) => own)),
    most: Math.max(...led.map(({ blocks: own }) => own)),
  };
  const limits = {
    falseAlarm,
    lowestMinimum: Math.min(...led.map((one) => one.limits.minimum)),
    highestMaximum: Math.max(...led.map((one) => one.limits.maximum)),
  };
  const all = `${counted(blocks.length, "block")} by ${counted(led.length, "leader")}`;
  if (unfair.length > 0) {
    const summary = `${unfair.map(ledText).join("; ")}; ${all}`;
    return { outcome: "failed", summary, figures, limits, findings: listed(led.map(ledText)) };
  }
  if (undecidable.length > 0) {
    const who = names(undecidable.map(({ name }) => name));
    const summary = `the window is too short to tell whether ${who} ever ${undecidable.length === 1 ? "leads" : "lead"}; ${all}`;
    return { outcome: "inconclusive", summary, figures, limits, findings: listed(led.map(ledText)) };
  }
  const summary = `${all}, each within what its stake gives it, false alarm ${falseAlarm} in all`;
  return { outcome: "passed", summary, figures, limits, findings: [] };
}

function ledBy(
  evidence: Evidence,
  window: Window,
  blocks: readonly { readonly leader?: string | undefined }[],
  falseAlarm: number,
): readonly Led[] {
  const { nodes } = evidence.plan.topology;
  const total = nodes.reduce((sum, { stake }) => sum + stake, 0);
  const slots = Math.max(0, window.toSlot - window.fromSlot + 1);
  const alive = foldStakeAlive(evidence.events, nodes, window);
  let together = 0;
  for (let slot = window.fromSlot; slot <= window.toSlot; slot++) {
    if (alive.stakes(slot).length === nodes.length) together++;
  }
  const wins = nodes.map(({ stake }) => evidence.occupancy([stake], total));
  const fair = shares(wins);
  const alpha = fairShareAlpha(evidence.plan, falseAlarm);
  const known = new Map<number, ShareLimits>();
  return nodes.map(({ name }, i) => {
    const win = wins[i] ?? 0;
    const chance = { share: fair[i] ?? 0, win };
    const limits = known.get(win) ?? shareLimits({ together, apart: slots - together }, chance, alpha);
    known.set(win, limits);
    return { name, blocks: blocks.filter(({ leader }) => leader === name).length, limits };
  });
}

function ledText({ name, blocks, limits }: Led): string {
  const { minimum, maximum, expected } = limits;
  return `${name} led ${counted(blocks, "block")}, ${minimum} to ${maximum} would be fair (${expected.toFixed(1)} expected)`;
}
