import * as v from "valibot";
import { digestOf } from "../core/canonical-json.ts";
import { must } from "../core/errors.ts";
import type { NodeKind } from "../model/node-kind.ts";
import type { Observability, Plan } from "../model/plan.ts";
import type { Registry } from "../model/registry.ts";
import type { Forecast } from "../model/workload.ts";
import { ChaosOptionsSchema } from "./chaos-options.ts";
import { type CapabilityRow, capabilityMatrix, checkCapabilities } from "./checks/capabilities.ts";
import { factoryObjections } from "./checks/factories.ts";
import { limitsWithoutEffect } from "./checks/limits.ts";
import { checkBackendSize } from "./checks/network.ts";
import { checkNoChain } from "./checks/no-chain.ts";
import { checkPlan } from "./checks/resolved.ts";
import { checkSetup, plannedSetup } from "./checks/setup.ts";
import { planWarnings } from "./checks/warnings.ts";
import { type Choice, choose } from "./choose.ts";
import { type ResolvedConsensus, resolveConsensus } from "./consensus.ts";
import { withCustomNodeKind } from "./custom-node-kind.ts";
import { forecast } from "./forecast.ts";
import { DEFAULT_RUN_MS } from "./limits.ts";
import { resolveExpectations, resolveWorkloads } from "./pieces.ts";
import { type Finding, type Problem, RefusedPlan } from "./problem.ts";
import { applySets } from "./sets.ts";
import type { Settings } from "./settings.ts";
import { shown } from "./shown.ts";
import { Sources } from "./sources.ts";
import { canBeLaidOut, roster, withNeighbours } from "./topology.ts";
import { type Customs, refusalOf, type WrittenPlan } from "./written.ts";
import { WrongParts } from "./wrong-parts.ts";

/** A plan that can run, and what is to be said about it. */
export interface ResolvedPlan {
  readonly plan: Plan;
  /** Of the plan's canonical JSON: equal for equal plans. */
  readonly digest: string;
  readonly forecast: Forecast;
  /** What can run, but perhaps not as its author thinks. */
  readonly warnings: readonly Problem[];
  /** Pieces that only the scenario file can make. */
  readonly customs: Customs;
  readonly capabilities: readonly CapabilityRow[];
  /** Durations of the scenario before the profile scaled them, in ms, by path; those given by flag are not here. */
  readonly writtenMs: ReadonlyMap<string, number>;
  /** Who decided about which part: `file:line`, a flag, a variable. */
  readonly sources: Sources;
}

/**
 * Makes the plan that runs: the scenario's, as the environment and flags change it, on its backend and node kind.
 * @throws RefusedPlan with everything that can't work, each with the line, flag or variable that caused it
 */
export function resolve(written: WrittenPlan, settings: Settings, registry: Registry): ResolvedPlan {
  const refusal = refusalOf(written);
  if (refusal) throw refusedForAll(refusal, settings, registry);
  const { problems, resolved } = examine(written, settings, registry, new WrongParts());
  if (problems.length > 0) throw new RefusedPlan(`the plan ${shown(written.document.name)}`, problems);
  return must(resolved, "a plan without problems");
}

/**
 * What `build()` refused, with the problems that flags, environment, backend and node kind add to it: whoever corrects a
 * plan wants to know of all of them. Nothing is concluded from what was refused.
 */
export function refusedForAll(refused: RefusedPlan, settings: Settings, registry: Registry): RefusedPlan {
  if (!refused.draft) return refused;
  const { written, wrong } = refused.draft;
  const { problems } = examine(written, settings, registry, new WrongParts(wrong));
  // Tasks that the file exports are not known: it did not come to that.
  const told = problems.filter(({ code }) => code !== "NR-TASK-UNKNOWN");
  const more = told.filter(({ code, at }) => !refused.problems.some((one) => one.code === code && one.at === at));
  return new RefusedPlan(refused.what, [...refused.problems, ...more], refused.draft);
}

/** What no forecast can be made without. */
const FORECAST_READS = ["profile", "nodeKind", "consensus", "topology", "durationMs", "expectations.liveness"];

/** The resolved plan, or what is wrong with it. @param wrong parts that are known to be; more are added as they are found */
function examine(
  written: WrittenPlan,
  settings: Settings,
  builtIn: Registry,
  wrong: WrongParts,
): { readonly problems: readonly Problem[]; readonly resolved?: ResolvedPlan } {
  const { document, customs } = written;
  const registry = withCustomNodeKind(builtIn, customs);
  const sources = new Sources(written.sites);
  const problems: Problem[] = [];
  const find = (findings: readonly Finding[]) => {
    problems.push(...findings.map((finding) => sources.locate(finding)));
    for (const { path } of findings) wrong.add(path);
  };

  const choice = choose(settings, registry, { seed: document.seed, nodeKind: customs.nodeKind?.name }, sources, find);
  if (!choice) return { problems };
  const { deployer, nodeKind } = choice;
  const consensus = resolveConsensus(document.consensus, choice.profile, settings, sources);
  const draft = draftPlan(written, settings, registry, sources, choice, consensus);
  find(draft.findings);
  const set = applySets(draft.plan, settings.sets ?? [], sources);
  problems.push(...set.problems);
  const plan = withDerived(set.plan, nodeKind);

  find(checkPlan(plan, nodeKind, wrong));
  find(checkNoChain(plan));
  find(wrong.sound("deployer", "topology") ? checkBackendSize(plan.topology.nodes.length, deployer) : []);
  find(checkSetup(plan.setup ?? [], customs, registry));
  const capabilities = capabilityMatrix(plan, deployer, nodeKind, registry, customs);
  find(
    wrong.sound("deployer", "nodeKind")
      ? checkCapabilities(capabilities, document.nodeControl, deployer, nodeKind, registry)
      : [],
  );
  if (!wrong.sound(...FORECAST_READS)) return { problems };
  const outlook = forecast(plan, nodeKind);
  find(factoryObjections(plan, outlook, nodeKind, registry, wrong));
  if (problems.length > 0) return { problems };

  const writtenMs = new Map([...draft.writtenMs].filter(([path]) => sources.overrideOf(path) === undefined));
  const warnings = [
    ...consensus.warnings,
    ...planWarnings(plan, outlook, nodeKind, writtenMs),
    ...limitsWithoutEffect(plan, deployer, registry),
  ];
  const resolved = {
    plan,
    digest: digestOf(plan),
    forecast: outlook,
    warnings: warnings.map((finding) => sources.locate(finding)),
    customs,
    capabilities,
    writtenMs,
    sources,
  };
  return { problems, resolved };
}

interface DraftedPlan {
  readonly plan: Plan;
  readonly findings: readonly Finding[];
  readonly writtenMs: ReadonlyMap<string, number>;
}

/** The plan before single fields are set. */
function draftPlan(
  { document, customs }: WrittenPlan,
  settings: Settings,
  registry: Registry,
  sources: Sources,
  { deployer, nodeKind, profile, seed }: Choice,
  { consensus, timeScale }: ResolvedConsensus,
): DraftedPlan {
  const { topology, wallets } = document;
  const observability = { ...document.observability, ...observabilityOf(settings) };
  const workloads = resolveWorkloads(document, registry, timeScale);
  const expectations = resolveExpectations(document, workloads.pieces, nodeKind, registry, timeScale);
  const writtenMs = new Map([...workloads.writtenMs, ...expectations.writtenMs]);
  const asWritten = document.durationMs ?? DEFAULT_RUN_MS;
  writtenMs.set("durationMs", asWritten);
  if (settings.durationMs !== undefined) sources.override("durationMs", "--duration");
  const nodes = withNeighbours(topology.layout, roster(topology));
  const plan: Plan = {
    v: 1,
    name: document.name,
    seed,
    profile,
    deployer: deployer.name,
    nodeKind: nodeKind.name,
    ...(nodeKind.service && { customNodeKind: true as const }),
    durationMs: settings.durationMs ?? asWritten * timeScale,
    timeScale,
    consensus: { ...consensus },
    topology: {
      layout: topology.layout,
      nodes,
      ...(Object.keys(topology.limits).length > 0 && { limits: { ...topology.limits } }),
    },
    wallets: { ...wallets },
    da: nodeKind.da(nodes),
    workloads: [...workloads.pieces],
    expectations: [...expectations.pieces],
    ...(Object.keys(observability).length > 0 && { observability }),
    ...(document.setup.length > 0 && { setup: [...plannedSetup(document, customs)] }),
  };
  return { plan, findings: [...workloads.findings, ...expectations.findings], writtenMs };
}

/** Puts in what follows from other fields, as they are in the end. A layout that can't be is left for the checks to find. */
function withDerived(plan: Plan, nodeKind: NodeKind): Plan {
  const { layout, nodes } = plan.topology;
  const late = latecomers(plan.workloads);
  const here = nodes.map((node) => (late.has(node.name) ? { ...node, joinsLate: true as const } : node));
  const placed = canBeLaidOut(layout, here.length) ? withNeighbours(layout, here) : here;
  return { ...plan, topology: { ...plan.topology, nodes: placed }, da: nodeKind.da(placed) };
}

/** Nodes that faults of the plan start in mid-run. */
function latecomers(workloads: Plan["workloads"]): ReadonlySet<string> {
  const chaos = workloads.filter(({ kind, custom }) => kind === "chaos" && !custom);
  return new Set(
    chaos.flatMap(({ options }) => {
      const read = v.safeParse(ChaosOptionsSchema, options);
      const joins = read.success ? read.output.faults.filter((fault) => fault.kind === "join") : [];
      return joins.flatMap(({ targets }) => targets);
    }),
  );
}

/** What the environment says of where metrics are kept and shown; it beats the scenario. */
function observabilityOf({ environment }: Settings): Observability {
  const { metricsQueryUrl, metricsOtlpIngestUrl, grafanaUrl } = environment?.values ?? {};
  return {
    ...(metricsQueryUrl !== undefined && { metricsQueryUrl }),
    ...(metricsOtlpIngestUrl !== undefined && { metricsOtlpIngestUrl }),
    ...(grafanaUrl !== undefined && { grafanaUrl }),
  };
}
