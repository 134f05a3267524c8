import * as v from "valibot";
import { foldChain } from "../evidence/folds/chain.ts";
import { foldStakeAlive } from "../evidence/folds/stake-alive.ts";
import { judgeLiveness } from "../evidence/judgement/liveness.ts";
import type { ExpectationFactory } from "../model/expectation.ts";
import { LivenessOptionsSchema } from "../plan/options.ts";
import { inWindow, listed, percentText, undecided } from "./findings.ts";

/**
 * The chain grew as fast as its stake should make it grow: enough blocks over the window from baseline to the end of
 * settle, and no gap longer than chance explains. The null hypothesis of each slot is the stake that was alive and connected in it.
 */
export const liveness: ExpectationFactory = {
  kind: "liveness",

  figures: () => ["slots", "blocks", "blocksUnseen", "expectedBlocks", "longestGap", "powerAtHalfSpeed"],

  describe(piece, _plan, forecast) {
    const { falseAlarm, power } = v.parse(LivenessOptionsSchema, piece.options);
    return [
      `at least ${forecast.minimumBlocks} of about ${Math.round(forecast.expectedBlocks)} expected blocks in ${forecast.windowSlots} slots, ` +
        `and no gap that chance does not explain; false alarm ${falseAlarm}`,
      `a chain at half speed is caught in ${percentText(100 * forecast.powerAtHalfSpeed)} of such windows; ${100 * power} % take ${forecast.shortestWindowSlots} slots`,
    ];
  },

  // A window that is too short for the power asked for is no mistake: it is run, and judged inconclusive.
  object: () => [],

  create(piece) {
    const promise = v.parse(LivenessOptionsSchema, piece.options);
    return {
      name: piece.name,
      judge: (evidence) =>
        inWindow(evidence, (window) => {
          const { nodes } = evidence.plan.topology;
          const alive = foldStakeAlive(evidence.events, nodes, window);
          const { canonical } = foldChain(evidence.events, window.closedSeq);
          const lowest = canonical[0];
          if (lowest && lowest.height > window.fromHeight + 1) {
            return undecided(
              `blocks of the chain from height ${window.fromHeight + 1} to ${lowest.height - 1} were not seen`,
            );
          }
          const total = nodes.reduce((sum, { stake }) => sum + stake, 0);
          const judgement = judgeLiveness(
            {
              window,
              blocks: canonical,
              occupancy: (slot) => evidence.occupancy(alive.stakes(slot), total),
            },
            promise,
          );
          const down = nodes
            .map(({ name }) => ({ name, slots: alive.slotsWithout(name) }))
            .filter(({ slots }) => slots > 0)
            .sort((a, b) => b.slots - a.slots)
            .map(
              ({ name, slots }) =>
                `${name} did not count in ${slots} of ${judgement.figures.slots} slots: down, silent or cut off`,
            );
          return { ...judgement, findings: listed([...judgement.findings, ...down]) };
        }),
    };
  },
};
