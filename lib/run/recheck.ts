import { CodedError, must } from "../core/errors.ts";
import type { RunEvent } from "../model/events.ts";
import type { NodeKind } from "../model/node-kind.ts";
import type { Plan } from "../model/plan.ts";
import type { Registry } from "../model/registry.ts";
import { type Verdict, worstVerdict } from "../model/verdict.ts";
import { verdictOf } from "./conduct.ts";
import { type CustomPieces, makeExpectations } from "./pieces.ts";
import { abandonedText, type Driven } from "./stages/drive.ts";
import { type JudgedExpectation, judge } from "./stages/judge.ts";

/** A recorded run, judged again. */
export interface Recheck {
  readonly verdict: Verdict;
  readonly why: string;
  /** Empty when the run ended before there was anything to judge. */
  readonly expectations: readonly JudgedExpectation[];
}

/**
 * Judges a recorded run by its stream alone, as the run did: with what was recorded when its judgement began. What made it
 * an error or interrupted it stays, for that has happened whatever the limits are.
 * @param plan the recorded plan, or one with other options of its expectations
 */
export function recheck(options: {
  plan: Plan;
  events: readonly RunEvent[];
  registry: Registry;
  customs: CustomPieces;
}): Recheck {
  const { plan, events } = options;
  const recorded = must(
    events.findLast((event) => event.type === "run.verdict"),
    "the recorded verdict",
  );
  const judging = events.findIndex((event) => event.type === "stage.started" && event.stage === "judge");
  if (judging < 0) return { verdict: recorded.verdict, why: recorded.why, expectations: [] };

  const nodeKind = nodeKindOf(plan, options.registry);
  const expectations = judge(
    makeExpectations(plan, options.registry, options.customs),
    {
      plan,
      events: events.slice(0, judging + 1),
      occupancy: (alive, total) => nodeKind.occupancy(plan.consensus, alive, total),
    },
    { emit: () => undefined },
  );
  const found = verdictOf(expectations, drivenIn(events));
  const errors = events.filter((event) => event.type === "error");
  const verdict = worstVerdict([
    found.verdict,
    ...errors.map(() => "error" as const),
    ...(recorded.verdict === "interrupted" ? (["interrupted"] as const) : []),
  ]);
  if (verdict === found.verdict) return { ...found, expectations };
  return {
    verdict,
    why: verdict === "error" ? errors.map(({ message }) => message).join("; ") : recorded.why,
    expectations,
  };
}

/** What judgements ask of the plan's node kind. Where it is the scenario's own there is no chain to reckon with. */
function nodeKindOf({ nodeKind, customNodeKind }: Plan, registry: Registry): Pick<NodeKind, "occupancy"> {
  if (customNodeKind) return { occupancy: () => 0 };
  const known = registry.nodeKinds.get(nodeKind);
  if (known) return known;
  throw new CodedError("NR-PLAN-UNKNOWN", `the run was of ${nodeKind} nodes, which this program doesn't have`, {
    hint: "Use the version that recorded it.",
  });
}

function drivenIn(events: readonly RunEvent[]): Driven {
  const ended = events.filter((event) => event.type === "workload.ended");
  return {
    failures: ended
      .filter(({ outcome }) => outcome === "failed")
      .map(({ workload, why }) => `workload ${workload} failed: ${why}`),
    abandoned: ended
      .filter(({ outcome }) => outcome === "cancelled")
      .map(({ workload, why }) => abandonedText(workload, why)),
  };
}
