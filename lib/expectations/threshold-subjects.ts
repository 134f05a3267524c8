import type { ExpectationFactory } from "../model/expectation.ts";
import type { Plan } from "../model/plan.ts";
import { didYouMean } from "../plan/nearest.ts";
import type { ThresholdRefusal, ThresholdSubject } from "../plan/threshold.ts";
import { parseSelector } from "../telemetry/parse-exposition.ts";

/** Expectations by kind, with the figures that they have. */
export type Known = ReadonlyMap<string, Pick<ExpectationFactory, "figures">>;

/**
 * Why the plan has nothing of this name; undefined where it has, or where only the run can show it.
 * @param metrics names in the nodes' `/metrics`, where their kind knows them
 */
export function whyUnknown(
  subject: ThresholdSubject | ThresholdRefusal,
  plan: Plan,
  factories: Known,
  metrics: readonly string[] | undefined,
): ThresholdRefusal | undefined {
  if ("message" in subject) return subject;
  switch (subject.kind) {
    case "figure":
      return whyNoFigure(subject, plan, factories);
    case "metric": {
      const name = parseSelector(subject.metric)?.name ?? subject.metric;
      return metrics && !metrics.includes(name)
        ? none(`is about the metric ${name}, which no node shows`, name, metrics)
        : undefined;
    }
    case "sample":
      return whyNoSample(subject, plan);
    default:
      return undefined;
  }
}

function whyNoFigure(
  { expectation, figure }: Extract<ThresholdSubject, { kind: "figure" }>,
  plan: Plan,
  factories: Known,
): ThresholdRefusal | undefined {
  const others = plan.expectations.filter(({ kind }) => kind !== "thresholds");
  const piece = others.find(({ name }) => name === expectation);
  if (!piece) {
    const names = others.map(({ name }) => name);
    const message = `has no figure to hold: the plan has no expectation ${expectation}`;
    if (!factories.has(expectation)) return none(message, expectation, [...new Set([...names, ...factories.keys()])]);
    return { message, hint: `Have the plan judge ${expectation} too; it judges ${names.join(", ")}.` };
  }
  // What an expectation of the author's finds, only the run can show.
  const figures = piece.custom ? undefined : factories.get(piece.kind)?.figures(piece);
  if (!figures || figures.includes(figure)) return undefined;
  return none(`has no figure to hold: ${expectation} has no figure ${figure}`, figure, figures);
}

function whyNoSample(
  { piece: name, metric }: Extract<ThresholdSubject, { kind: "sample" }>,
  plan: Plan,
): ThresholdRefusal | undefined {
  const own = [...plan.workloads, ...plan.expectations].filter(({ custom }) => custom);
  const pieces = own.filter((one) => one.name === name);
  if (pieces.length === 0) {
    const message = `is about ${name}, and the plan has no workload or expectation of your own with that name`;
    return none(
      message,
      name,
      own.map((one) => one.name),
    );
  }
  const declared = pieces.flatMap(({ metrics }) => metrics ?? []);
  if (declared.includes(metric)) return undefined;
  if (declared.length === 0) {
    return {
      message: `is about a metric of ${name}, which declares none`,
      hint: `Give ${name} metrics: ["${metric}"].`,
    };
  }
  return none(`is about the metric ${metric}, which ${name} doesn't declare`, metric, declared);
}

function none(message: string, name: string, known: readonly string[]): ThresholdRefusal {
  if (known.length === 0) return { message, hint: "There is none; leave the threshold out." };
  return { message, hint: `${didYouMean(name, known)}There are ${known.join(", ")}.` };
}
