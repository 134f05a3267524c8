import * as v from "valibot";
import { foldState } from "../evidence/folds/states.ts";
import type { ExpectationFactory } from "../model/expectation.ts";
import type { RunContext } from "../model/run-context.ts";
import { type SometimesOptions, SometimesOptionsSchema } from "../plan/expectation-options.ts";
import { atTime, inWindow, listed } from "./findings.ts";

type Asked = SometimesOptions["states"][number];

/** States that a run must have been in at least once: where it never was, it shows nothing about them. */
export const sometimes: ExpectationFactory = {
  kind: "sometimes",

  figures: ({ options }) => v.parse(SometimesOptionsSchema, options).states.map(({ name }) => name),

  describe: (piece) =>
    v
      .parse(SometimesOptionsSchema, piece.options)
      .states.map((state) => `at least once ${stateText(state)}, else the run is inconclusive`),
  object: () => [],

  create(piece) {
    const { states } = v.parse(SometimesOptionsSchema, piece.options);
    return {
      name: piece.name,
      ...(states.some(({ state }) => state === "mempool") ? { observe: watchMempools } : {}),
      judge: (evidence) =>
        inWindow(evidence, (window) => {
          const found = states.map((asked) => ({
            asked,
            ...foldState(evidence.events, asked.state, asked.least, window),
          }));
          const never = found.filter(({ first }) => first === null);
          const told = found.map(({ asked, first, most }) =>
            first === null
              ? `${asked.name}: never ${stateText(asked)}, at most ${most}`
              : `${asked.name}: ${first.what} ${atTime(first.t)}`,
          );
          const undecided = told.filter((_, i) => found[i]?.first === null);
          return {
            outcome: never.length > 0 ? "inconclusive" : "passed",
            summary: (never.length > 0 ? undecided : told).join("; "),
            figures: Object.fromEntries(found.map(({ asked, most }) => [asked.name, most])),
            limits: Object.fromEntries(states.map(({ name, least }) => [name, least])),
            findings: listed(never.length > 0 ? told : []),
          };
        }),
    };
  },
};

function stateText({ state, least }: Asked): string {
  if (state === "fork") return `${least} blocks at one height`;
  return state === "mempool" ? `${least} or more transactions waiting in a mempool` : `a node ${least} blocks behind`;
}

/** Looks into the mempool of every running node, twice a slot. */
async function watchMempools({ cluster, clock, events, plan, signal }: RunContext): Promise<void> {
  const interval = plan.consensus.slotMs / 2;
  while (!signal.aborted) {
    await Promise.all(
      cluster.running().map(async ({ client, planned }) => {
        const look = await client.mempool({ signal, timeoutMs: interval }).catch(() => null); // Faults silence nodes.
        if (look) events.emit("node.mempool", { node: planned.name, pending: look.pendingItems });
      }),
    );
    await clock.sleep(interval, signal);
  }
}
