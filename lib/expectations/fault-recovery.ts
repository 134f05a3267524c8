import { type FaultLife, foldFaults } from "../evidence/folds/faults.ts";
import type { ExpectationFactory } from "../model/expectation.ts";
import { counted, inWindow, listed, names } from "./findings.ts";

/**
 * Every fault that was started took effect and healed. A network that does not recover fails; a run in which faults never
 * took effect, or none of a planned kind was ever started, shows nothing about recovery from them.
 */
export const faultRecovery: ExpectationFactory = {
  kind: "fault-recovery",

  figures: () => ["planned", "skipped", "started", "healed", "unhealed", "ineffective"],
  describe: () => ["every fault is seen to take effect, and its target to answer and follow the chain again"],
  object: () => [],

  create: (piece) => ({
    name: piece.name,
    judge: (evidence) =>
      inWindow(evidence, () => {
        const faults = foldFaults(evidence.events);
        const inState = (...states: readonly FaultLife["state"][]) =>
          faults.filter(({ state }) => states.includes(state));
        const healed = inState("healed");
        const unhealed = inState("unhealed", "effective");
        const ineffective = inState("ineffective", "started");
        const started = healed.length + unhealed.length + ineffective.length;
        const never = [...Map.groupBy(faults, ({ kind }) => kind)].flatMap(([kind, lives]) =>
          lives.every(({ state }) => state === "skipped" || state === "planned") ? [{ kind, why: lives[0]?.seen }] : [],
        );
        const facts = `${healed.length} of ${counted(started, "fault")} took effect and healed, ${inState("skipped").length} skipped`;
        const targets = (list: readonly FaultLife[]) => names([...new Set(list.map(({ target }) => target))]);
        const figures = {
          planned: faults.length,
          skipped: inState("skipped").length,
          started,
          healed: healed.length,
          unhealed: unhealed.length,
          ineffective: ineffective.length,
        };
        const findings = listed(
          [...unhealed, ...ineffective, ...inState("skipped", "planned")].map(
            ({ fault, kind, target, state, seen }) =>
              `${fault} (${kind} of ${target}) ${state}${seen === "" ? "" : `: ${seen}`}`,
          ),
        );
        const limits = { unhealed: 0, ineffective: 0 };
        if (unhealed.length > 0) {
          return {
            outcome: "failed",
            summary: `${targets(unhealed)} did not recover; ${facts}`,
            figures,
            limits,
            findings,
          };
        }
        if (ineffective.length > 0) {
          const summary = `the faults on ${targets(ineffective)} were not seen to take effect; ${facts}`;
          return { outcome: "inconclusive", summary, figures, limits, findings };
        }
        if (started === 0) {
          return { outcome: "inconclusive", summary: `no fault was started; ${facts}`, figures, limits, findings };
        }
        if (never.length > 0) {
          const kinds = never
            .map(({ kind, why }) => `${kind} (${why === "" ? "its time never came" : why})`)
            .join("; ");
          const summary = `no fault was started of the kind ${kinds}; ${facts}`;
          return { outcome: "inconclusive", summary, figures, limits, findings };
        }
        return { outcome: "passed", summary: facts, figures, limits, findings };
      }),
  }),
};
