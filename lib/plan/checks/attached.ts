import type { Plan } from "../../model/plan.ts";
import type { Registry } from "../../model/registry.ts";
import type { Forecast } from "../../model/workload.ts";
import type { Finding } from "../problem.ts";

/** What a run that attaches to a network may do and can see. */
export interface AttachMeans {
  readonly allowWrites: boolean;
  /** Wallets that it was given; of an own run all of the genesis. */
  readonly wallets: number;
  /** The network was deployed by a run on this machine: its logs can be read. */
  readonly isOwnRun: boolean;
  /** Its nodes are processes of this machine too. */
  readonly hasProcesses: boolean;
  /** Nodes whose testing server has no known address. */
  readonly withoutTesting: readonly string[];
}

/** Kinds of expectations that need more than a network shows from outside, with what they need and who has it. */
const NEEDS_MORE: Readonly<
  Record<string, { readonly what: string; readonly from: "isOwnRun" | "hasProcesses"; readonly who: string }>
> = {
  logs: { what: "reads the nodes' logs", from: "isOwnRun", who: "a run on this machine" },
  resources: { what: "looks at the nodes' processes", from: "hasProcesses", who: "a local run on this machine" },
};

/** What a plan asks for that can't be done with, or must not be done to, a network that was there before. */
export function attachFindings(
  plan: Plan,
  forecast: Forecast,
  means: AttachMeans,
  registry: Pick<Registry, "workloads">,
): Finding[] {
  return [
    ...plan.workloads.flatMap((piece) => workloadFindings(piece, plan, forecast, means, registry)),
    ...plan.expectations.flatMap((piece) => expectationFindings(piece, means)),
  ];
}

function workloadFindings(
  piece: Plan["workloads"][number],
  plan: Plan,
  forecast: Forecast,
  { allowWrites, wallets, withoutTesting }: AttachMeans,
  registry: Pick<Registry, "workloads">,
): Finding[] {
  if (piece.custom || piece.kind === "chaos") return [];
  const path = `workloads.${piece.name}`;
  if (!allowWrites) {
    const [load = "writes"] = registry.workloads.get(piece.kind)?.describe(piece, plan, forecast) ?? [];
    return [
      {
        code: "NR-ATTACH-WRITES",
        path,
        message: `the workload ${piece.name} writes to the network that the run attaches to: ${load}`,
        hint: "Give --allow-writes when that network may be written to, or leave the workload out.",
      },
    ];
  }
  if (piece.kind === "data-availability" && withoutTesting.length > 0) {
    return [
      {
        code: "NR-ATTACH-WRITES",
        path,
        message: `blobs are read back with the help of the nodes' testing servers, and ${withoutTesting.join(", ")} has none that is known`,
        hint: `Give its port: --testing ${withoutTesting[0]}=PORT.`,
      },
    ];
  }
  const needed = piece.kind === "transactions" ? usersOf(piece, plan) : 0;
  if (wallets >= needed) return [];
  return [
    {
      code: "NR-ATTACH-WALLETS",
      path,
      message: `the workload ${piece.name} sends from ${needed} wallets, and there are keys of ${wallets}`,
      hint: `Give ${needed} with --keys FILE, or let it send from fewer: users(${Math.max(1, wallets)}).`,
    },
  ];
}

function usersOf(piece: Plan["workloads"][number], plan: Plan): number {
  const { users } = piece.options;
  return typeof users === "number" ? users : plan.wallets.count;
}

function expectationFindings(piece: Plan["expectations"][number], means: AttachMeans): Finding[] {
  if (piece.custom) return [];
  const found = (message: string): Finding[] => [
    {
      code: "NR-ATTACH-EXPECTATION",
      path: `expectations.${piece.name}`,
      message,
      hint: `Leave it out, or switch it off: .without("${piece.name}").`,
    },
  ];
  const need = NEEDS_MORE[piece.kind];
  if (need && !means[need.from]) {
    return found(`the expectation ${piece.name} ${need.what}, which only ${need.who} shows`);
  }
  if (piece.kind !== "conservation") return [];
  return found(`the expectation ${piece.name} follows every note from genesis, and the run sees the chain from now on`);
}
