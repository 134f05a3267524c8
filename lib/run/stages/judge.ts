import * as v from "valibot";
import { errorText, must } from "../../core/errors.ts";
import { type EventSink, JudgementSchema } from "../../model/events.ts";
import type { Evidence, Expectation } from "../../model/expectation.ts";
import type { Judgement } from "../../model/verdict.ts";

/** An expectation's judgement, as `run.json` holds it. */
export interface JudgedExpectation extends Judgement {
  readonly expectation: string;
  readonly kind: string;
}

/** Has every expectation judge the recorded evidence, once each. One that throws can't decide. */
export function judge(
  expectations: readonly { readonly kind: string; readonly expectation: Expectation }[],
  recorded: Omit<Evidence, "judgementOf">,
  events: EventSink,
): readonly JudgedExpectation[] {
  const judgements = new Map<string, Judgement | undefined>();
  const judgementOf = (name: string): Judgement | undefined => {
    const found = expectations.find(({ expectation }) => expectation.name === name);
    if (!found || judgements.has(name)) return judgements.get(name);
    judgements.set(name, undefined);
    const judgement = judgeOne(found.expectation, { ...recorded, judgementOf });
    judgements.set(name, judgement);
    return judgement;
  };
  return expectations.map(({ kind, expectation: { name } }) => {
    const judged = { expectation: name, kind, ...must(judgementOf(name), `the judgement of ${name}`) };
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
    const judgement = expectation.judge(evidence);
    const [issue] = v.safeParse(JudgementSchema, judgement).issues ?? [];
    if (issue)
      throw new TypeError(`what it returned is no judgement: ${v.getDotPath(issue) ?? "it"}: ${issue.message}`);
    return judgement;
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
