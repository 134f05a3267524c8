import * as v from "valibot";
import type { Plan } from "../../model/plan.ts";
import { ChaosOptionsSchema } from "../chaos-options.ts";
import { EXPECTATION_OPTIONS } from "../options.ts";
import type { Finding } from "../problem.ts";

/** Expectations that are about processes, and about what a scenario's own pieces put on record. */
export const WITHOUT_CHAIN: readonly string[] = [
  "fault-recovery",
  "logs",
  "no-unexpected-exit",
  "resources",
  "sometimes",
  "thresholds",
];

/** What a plan asks for that needs a blockchain, where its nodes make none. */
export function checkNoChain(plan: Plan): Finding[] {
  if (!plan.customNodeKind) return [];
  const hint = `Leave it out, or use nodes that make one.`;
  const finding = (path: string, what: string): Finding => ({
    code: "NR-PLAN-NO-CHAIN",
    path,
    message: `${what} a blockchain, and nodes of the kind ${plan.nodeKind} make none`,
    hint,
  });
  const workloads = plan.workloads.flatMap(({ kind, name, custom, options }) => {
    const path = `workloads.${name}`;
    if (custom) return [];
    if (kind !== "chaos") return [finding(path, `the workload ${name} needs`)];
    const chaos = v.safeParse(ChaosOptionsSchema, options);
    const byLeader = (chaos.success ? chaos.output.faults : []).flatMap((fault, i) =>
      "targets" in fault && !Array.isArray(fault.targets) && fault.targets.pick === "leaders" ? [i] : [],
    );
    return byLeader.map((i) => finding(`${path}.options.faults.${i}.targets`, "leaders() are of"));
  });
  const expectations = plan.expectations.flatMap(({ kind, name, custom }) => {
    const needs = !custom && Object.hasOwn(EXPECTATION_OPTIONS, kind) && !WITHOUT_CHAIN.includes(kind);
    return needs ? [finding(`expectations.${name}`, `the expectation ${name} is about`)] : [];
  });
  const wallets = plan.wallets.count > 0 ? [finding("wallets", "wallets are of")] : [];
  return [...workloads, ...expectations, ...wallets];
}
