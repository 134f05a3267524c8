import { errorText } from "../../core/errors.ts";
import type { EventSink } from "../../model/events.ts";
import type { Evidence, Expectation } from "../../model/expectation.ts";
import type { Judgement } from "../../model/verdict.ts";

/** An expectation's judgement, as `run.json` holds it. */
export interface JudgedExpectation extends Judgement {
  readonly expectation: string;
  readonly kind: string;
}

/** Has every expectation judge the recorded evidence. One that throws can't decide. */
export function judge(
  expectations: readonly { readonly kind: string; readonly expectation: Expectation }[],
  evidence: Evidence,
  events: EventSink,
): readonly JudgedExpectation[] {
  return expectations.map(({ kind, expectation }) => {
    const judged = { expectation: expectation.name, kind, ...judgeOne(expectation, evidence) };
    events.emit("expectation.judged", {
      ...judged,
      figures: { ...judged.figures },
      limits: { ...judged.limits },
      findings: [...judged.findings],
    });
    return judged;
  });
}

function judgeOne(expectation: Expectation, evidence: Evidence): Judgement {
  try {
    return expectation.judge(evidence);
  } catch (thrown) {
    return {
      outcome: "inconclusive",
      summary: `the judgement itself failed: ${errorText(thrown)}`,
      figures: {},
      limits: {},
      findings: [],
    };
  }
}
