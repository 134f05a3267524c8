import * as v from "valibot";
import { formatDuration } from "../../core/duration.ts";
import type { Plan, PlannedNode, PlannedPiece } from "../../model/plan.ts";
import type { Registry } from "../../model/registry.ts";
import { sustainableBlobRate } from "../blob-capacity.ts";
import { limitsText } from "../checks/limits.ts";
import { shortestRunMs } from "../checks/warnings.ts";
import { chance, figure } from "../figure.ts";
import { DataAvailabilityOptionsSchema } from "../options.ts";
import { problemText } from "../problem.ts";
import type { ResolvedPlan } from "../resolve.ts";
import { type Entry, Page } from "./page.ts";

/** The `plan` command's text: what will be run, what it can be expected to do, and what it is judged by. */
export function describePlan(resolved: ResolvedPlan, registry: Registry): string {
  const { plan, digest } = resolved;
  const by = overrides(resolved);
  const page = new Page()
    .line(`${plan.name} on ${plan.deployer}${by("deployer")}, node kind ${plan.nodeKind}${by("nodeKind")}`)
    .line(`seed ${plan.seed}${by("seed")}, digest ${digest}`)
    .section("network", [...networkEntries(resolved), ...forecastEntries(resolved)])
    .section("setup, before the network is deployed", setupEntries(plan))
    .section("workloads", workloadEntries(resolved, registry))
    .section("expectations", expectationEntries(resolved, registry))
    .section(
      `durations, scaled by ${figure(plan.timeScale)} for the profile ${plan.profile}`,
      durationEntries(resolved),
    )
    .section(`capabilities of ${plan.deployer} with ${plan.nodeKind} nodes`, capabilityEntries(resolved));
  if (resolved.warnings.length > 0) {
    page.line().line("warnings");
    for (const warning of resolved.warnings) page.line(problemText(warning));
  }
  return page.text();
}

/** ` (--seed)` behind a value that a flag or variable decided about. */
function overrides({ sources }: ResolvedPlan): (path: string) => string {
  return (path) => {
    const override = sources.overrideOf(path);
    return override === undefined ? "" : ` (${override})`;
  };
}

function networkEntries(resolved: ResolvedPlan): Entry[] {
  const { plan } = resolved;
  const by = overrides(resolved);
  const { layout, nodes } = plan.topology;
  const shape = {
    star: `star around ${nodes[0]?.name}`,
    chain: "chain",
    full: "full mesh",
  }[layout];
  const laidOut = plan.customNodeKind ? "connected as their kind has it" : `${shape}${by("topology.layout")}`;
  const patched = nodes.flatMap(({ name, configPatch }) =>
    configPatch === undefined ? [] : [`${name} (${Object.keys(configPatch ?? {}).join(", ")})`],
  );
  const observability = Object.entries(plan.observability ?? {});
  return [
    ["nodes", [`${namesOf(nodes, "validator")}${namesOf(nodes, "executor")}${laidOut}`]],
    ...(new Set(nodes.map((node) => node.stake)).size > 1 ? [["stake", [stakes(nodes)]] satisfies Entry] : []),
    ...(patched.length > 0 ? [["patched", [patched.join(", ")]] satisfies Entry] : []),
    ...limitsEntry(resolved),
    ...(plan.customNodeKind ? [] : [consensusEntry(resolved)]),
    ...(plan.wallets.count > 0 ? [["wallets", [wallets(plan.wallets)]] satisfies Entry] : []),
    ...observability.map(([key, url]): Entry => [key, [String(url)]]),
  ];
}

function limitsEntry(resolved: ResolvedPlan): Entry[] {
  const { limits } = resolved.plan.topology;
  if (!limits) return [];
  const by = overrides(resolved);
  const from = `${by("topology.limits.memoryMiB")}${by("topology.limits.cpus")}`;
  return [["limits", [`each node ${limitsText(limits)}${from}`]]];
}

function consensusEntry(resolved: ResolvedPlan): Entry {
  const { slotMs, k, f, tieBreak } = resolved.plan.consensus;
  const by = overrides(resolved);
  return [
    "consensus",
    [
      `slot ${formatDuration(slotMs)}${by("consensus.slotMs")}, k ${k}${by("consensus.k")}, f ${figure(f)}${by("consensus.f")}, ` +
        `ties by ${tieBreak}${by("consensus.tieBreak")}`,
    ],
  ];
}

/** `3 validators, ` with nothing where there are none. */
function namesOf(nodes: readonly PlannedNode[], role: PlannedNode["role"]): string {
  const names = nodes.filter((node) => node.role === role).map((node) => node.name);
  if (names.length === 0) return "";
  const range = names.length === 1 ? names[0] : `${names[0]} to ${names.at(-1)}`;
  return `${names.length} ${role}${names.length === 1 ? "" : "s"} (${range}), `;
}

/** Nodes that are listed one by one; the others are summed up. */
const STAKES_LISTED = 8;

function stakes(nodes: readonly PlannedNode[]): string {
  const total = nodes.reduce((sum, node) => sum + node.stake, 0);
  const most = [...nodes].sort((a, b) => b.stake - a.stake).slice(0, STAKES_LISTED);
  const listed = most.map((node) => `${node.name} ${figure((100 * node.stake) / total)} %`).join(", ");
  return nodes.length > most.length ? `${listed}, and ${nodes.length - most.length} with less` : listed;
}

function wallets({ count, totalFunds }: { count: number; totalFunds: number }): string {
  const share = Math.floor(totalFunds / count);
  const rest = totalFunds % count;
  return rest === 0
    ? `${count} with ${share} tokens each`
    : `${count} with ${share} tokens each, the first ${rest} with one more`;
}

function forecastEntries(resolved: ResolvedPlan): Entry[] {
  const { plan, forecast } = resolved;
  const { slotMs, k } = plan.consensus;
  const by = overrides(resolved);
  const finality = `final after about ${formatDuration(Number(((k / forecast.p) * slotMs).toPrecision(3)))}`;
  const settle =
    forecast.settleSlots === 0
      ? "no settle, as nothing has to become final"
      : `settle ${formatDuration(forecast.settleSlots * slotMs)} (${forecast.settleSlots} slots)`;
  if (plan.customNodeKind) return [["run", [`drive ${formatDuration(plan.durationMs)}${by("durationMs")}`]]];
  const shortest = shortestRunMs(plan, forecast);
  return [
    ["blocks", [`p ${figure(forecast.p)} a slot: one every ${formatDuration(forecast.blockIntervalMs)}, ${finality}`]],
    [
      "run",
      [
        `drive ${formatDuration(plan.durationMs)}${by("durationMs")} (${forecast.driveSlots} slots), then ${settle}`,
        `${forecast.windowSlots} slots are judged: about ${Math.round(forecast.expectedBlocks)} blocks, at least ${forecast.minimumBlocks}`,
        `liveness can be judged from ${formatDuration(shortest)} of drive on; natural conflict at the LIB ${chance(forecast.naturalConflict)}`,
      ],
    ],
  ];
}

function setupEntries({ setup = [] }: Plan): Entry[] {
  return setup.map(({ task, options, custom }) => {
    const told = Object.entries(options).map(([name, value]) => `${name}=${value}`);
    return [task, [[...(custom ? ["the scenario's own"] : []), ...told].join(", ") || "with its defaults"]];
  });
}

function workloadEntries(resolved: ResolvedPlan, registry: Registry): Entry[] {
  const { plan, forecast, customs } = resolved;
  return plan.workloads.map((piece) => {
    const factory = registry.workloads.get(piece.kind);
    if (!piece.custom && factory) {
      return [piece.name, [...factory.describe(piece, plan, forecast), ...channelCapacity(piece, resolved, registry)]];
    }
    const needs = customs.workloads.get(piece.name)?.needs ?? [];
    return [piece.name, [own(piece), ...(needs.length > 0 ? [`needs ${needs.join(", ")}`] : [])]];
  });
}

/** What channels carry depends on the node kind, which the workload's own description doesn't know. */
function channelCapacity(piece: PlannedPiece, { plan, forecast }: ResolvedPlan, registry: Registry): string[] {
  if (piece.kind !== "data-availability") return [];
  const predictableIds = registry.nodeKinds.get(plan.nodeKind)?.predictableMessageIds ?? false;
  const chain = { p: forecast.p, slots: forecast.driveSlots, predictableIds };
  const most = sustainableBlobRate(v.parse(DataAvailabilityOptionsSchema, piece.options), chain);
  return [`on ${plan.nodeKind} nodes the channels carry up to ${figure(most)} blobs per block`];
}

function expectationEntries({ plan, forecast }: ResolvedPlan, registry: Registry): Entry[] {
  return plan.expectations.map((piece) => {
    const factory = registry.expectations.get(piece.kind);
    return [piece.name, !piece.custom && factory ? factory.describe(piece, plan, forecast) : [own(piece)]];
  });
}

function own(piece: PlannedPiece): string {
  const options = JSON.stringify(piece.options);
  return options === "{}" ? "the scenario's own" : `the scenario's own, with ${options}`;
}

/** Durations as the scenario has them and as they are run; none where both are the same. */
function durationEntries({ plan, writtenMs }: ResolvedPlan): Entry[] {
  if (plan.timeScale === 1) return [];
  return [...writtenMs].map(([path, ms]) => [
    path === "durationMs"
      ? "run"
      : path
          .replace(/^\w+\./, "")
          .replace(".options", "")
          .replace(/Ms$/, ""),
    [`${formatDuration(ms)} written, ${formatDuration(ms * plan.timeScale)} run`],
  ]);
}

function capabilityEntries({ plan, capabilities }: ResolvedPlan): Entry[] {
  const able = capabilities.filter((row) => row.backend && row.nodeKind);
  const backendCant = capabilities.filter((row) => !row.backend);
  const kindCant = capabilities.filter((row) => row.backend && !row.nodeKind);
  const list = (rows: ResolvedPlan["capabilities"]) =>
    rows
      .map((row) => (row.neededBy.length > 0 ? `${row.capability} (for ${row.neededBy.join(", ")})` : row.capability))
      .join(", ");
  const entries: [string, typeof able][] = [
    ["yes", able],
    [`not ${plan.deployer}`, backendCant],
    [`not ${plan.nodeKind}`, kindCant],
  ];
  return entries.filter(([, rows]) => rows.length > 0).map(([label, rows]): Entry => [label, [list(rows)]]);
}
