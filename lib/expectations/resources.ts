import * as v from "valibot";
import { foldUsage, type NodeUsage } from "../evidence/folds/usage.ts";
import type { ExpectationFactory } from "../model/expectation.ts";
import type { Figure } from "../model/verdict.ts";
import { type ResourcesOptions, ResourcesOptionsSchema } from "../plan/expectation-options.ts";
import { counted, inWindow, listed, names, undecided } from "./findings.ts";
import { recordUsage } from "./look-at-nodes.ts";

/** What can be limited: its option, its name in figures and sentences, and where it is in what a node used. */
const MEASURES = [
  { option: "maxCpuPercent", name: "cpuPercent", unit: "% of a core", of: ({ cpuPercent }: NodeUsage) => cpuPercent },
  {
    option: "maxResidentMiB",
    name: "residentMiB",
    unit: "MiB resident",
    of: ({ residentMiB }: NodeUsage) => residentMiB,
  },
  { option: "maxPrivateMiB", name: "privateMiB", unit: "MiB private", of: ({ privateMiB }: NodeUsage) => privateMiB },
] as const;

/** No node uses more of the machine than it may. */
export const resources: ExpectationFactory = {
  kind: "resources",

  figures: ({ options }) => limited(v.parse(ResourcesOptionsSchema, options)).map(({ name }) => name),

  describe(piece) {
    const options = v.parse(ResourcesOptionsSchema, piece.options);
    const limits = limited(options).map(({ option, unit }) => `${options[option]} ${unit}`);
    return [`no node uses more than ${limits.join(", ")}`];
  },

  object(piece) {
    if (limited(v.parse(ResourcesOptionsSchema, piece.options)).length > 0) return [];
    const hint = `Give at least one of ${MEASURES.map(({ option }) => option).join(", ")}.`;
    return [{ code: "NR-PLAN-VALUE", path: "options", message: "resources has no limit to hold nodes to", hint }];
  },

  create(piece) {
    const options = v.parse(ResourcesOptionsSchema, piece.options);
    return {
      name: piece.name,
      observe: recordUsage,
      judge: (evidence) =>
        inWindow(evidence, (window) => {
          const { plan, events } = evidence;
          const usage = foldUsage(events, window);
          const nodes = plan.topology.nodes.map(({ name }) => name);
          const unseen = nodes.filter((name) => !usage.has(name));
          if (unseen.length === nodes.length) return undecided("the backend shows nothing of what nodes use");
          const measured = limited(options).map((measure) => {
            const limit = options[measure.option] ?? Number.POSITIVE_INFINITY;
            const found = [...usage].map(([node, used]) => ({ node, value: measure.of(used) }));
            const most = found.reduce((best, one) => (one.value > best.value ? one : best));
            return { ...measure, limit, most, over: found.filter(({ value }) => value > limit) };
          });
          const over = measured.filter((one) => one.over.length > 0);
          const facts = measured
            .map(
              ({ most, unit, limit }) => `${most.node} used ${most.value.toFixed(1)} ${unit}, at most ${limit} allowed`,
            )
            .join("; ");
          const missing = `${counted(unseen.length, "node")} ${unseen.length === 1 ? "was" : "were"} not measured: ${names(unseen)}; `;
          return {
            outcome: over.length > 0 ? "failed" : unseen.length > 0 ? "inconclusive" : "passed",
            summary: over.length === 0 && unseen.length > 0 ? missing + facts : facts,
            figures: Object.fromEntries(
              measured.map(({ name, most }): [string, Figure] => [name, Number(most.value.toFixed(2))]),
            ),
            limits: Object.fromEntries(measured.map(({ option, limit }): [string, Figure] => [option, limit])),
            findings: listed(
              over.flatMap((one) =>
                one.over.map(
                  ({ node, value }) => `${node} used ${value.toFixed(1)} ${one.unit}, at most ${one.limit} allowed`,
                ),
              ),
            ),
          };
        }),
    };
  },
};

function limited(options: ResourcesOptions) {
  return MEASURES.filter(({ option }) => options[option] !== null);
}
