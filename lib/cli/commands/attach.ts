import { resolve as resolvePath } from "node:path";
import { CodedError } from "../../core/errors.ts";
import { ATTACHED, createAttachedDeployer } from "../../deployers/attached/attached.ts";
import { systemClock } from "../../host/system-clock.ts";
import { createUndiciTransport } from "../../nodes/client/undici-transport.ts";
import { attachFindings } from "../../plan/checks/attached.ts";
import { readEnvironment } from "../../plan/environment.ts";
import { RefusedPlan } from "../../plan/problem.ts";
import { type ResolvedPlan, resolve } from "../../plan/resolve.ts";
import type { Settings } from "../../plan/settings.ts";
import { walletsOf } from "../../run/wallets.ts";
import type { Arguments } from "../arguments.ts";
import { readKeys } from "../attach-keys.ts";
import { checkSameNetwork, readUpRun, type UpRun } from "../attach-run.ts";
import { checkTargets, readTargets, type Targets } from "../attach-targets.ts";
import type { CommandDetail } from "../command.ts";
import { loadPlan } from "../load-plans.ts";
import { PLAN_OPTIONS, planSettings } from "../plan-flags.ts";
import { builtIn } from "../registry.ts";
import { runAll } from "../run-all.ts";
import { RUN_OPTIONS, type RunSettings, runSettings } from "../run-flags.ts";
import { findRunFolder } from "../run-places.ts";
import type { World } from "../world.ts";

/** Runs a scenario's workloads and expectations against nodes that it didn't start. */
export const attachCommand: CommandDetail = {
  options: [
    { flags: "--node <name=url>", summary: "Address of a node's HTTP API; once for each node", repeatable: true },
    { flags: "--testing <name=port>", summary: "Port of a node's testing server, for blobs", repeatable: true },
    { flags: "--run <run>", summary: "Instead of addresses: a network that up or --keep left up here" },
    { flags: "--allow-writes", summary: "Let workloads send transactions and blobs; without it the run only reads" },
    { flags: "--keys <file>", summary: "JSON of the wallets to send from; their secrets are never shown or recorded" },
    ...PLAN_OPTIONS.filter(({ flags }) => !/--deployer/.test(flags)),
    ...RUN_OPTIONS.filter(({ flags }) => !/--keep/.test(flags)),
  ],
  examples: [
    ["attach watch.scenario.ts --run latest", "judge the network that was left up, and only read"],
    ["attach load.scenario.ts --run latest --allow-writes", "send the scenario's traffic to it"],
    ["attach watch.scenario.ts --node validator-0=http://10.0.0.5:8080", "a node somewhere else"],
  ],
  async run(args, world) {
    const environment = readEnvironment(world.env);
    const settings = planSettings(args, environment);
    const how = runSettings(args, environment, world);
    const { up, targets } = await networkOf(args, how, world);
    const keysFile = args.value("keys");
    const keys = keysFile === undefined ? [] : readKeys(resolvePath(world.folder, keysFile));
    const parts = builtIn();
    const allowWrites = args.has("allow-writes");

    const deployerFor = (wallets: typeof keys) =>
      createAttachedDeployer({
        nodes: targets.nodes,
        own: up && {
          runId: up.runId,
          folder: up.folder,
          hasProcesses: isOfProcesses(up),
          chainStartMs: up.binding.chainStartMs,
        },
        allowWrites,
        wallets,
        openTransport: (node) => createUndiciTransport(node, systemClock),
      });
    const deployers = new Map([[ATTACHED, deployerFor(keys)]]);
    const registry = { ...parts.registry, deployers };
    const { path, name, plan: written, digest } = await loadPlan(args.positionals[0] ?? "", world);
    const resolved = resolve(written, { ...settings, ...givenBy(up), deployer: ATTACHED }, registry);
    const { plan, forecast } = resolved;
    if (resolved.customs.nodeKind) {
      throw new CodedError("NR-ATTACH-NETWORK", `nodes of the kind ${plan.nodeKind} make no blockchain to follow`, {
        hint: "Run the scenario on a network of its own: nomos-run run.",
      });
    }
    checkTargets(
      targets.nodes,
      plan.topology.nodes.map((node) => node.name),
    );
    if (up) checkSameNetwork(plan, up);
    const nodeKind = registry.nodeKinds.get(plan.nodeKind);
    const wallets = up && nodeKind ? walletsOf(plan, nodeKind.genesis(plan)) : keys;
    const { withoutTesting } = targets;
    const hasProcesses = isOfProcesses(up);
    const means = { allowWrites, wallets: wallets.length, isOwnRun: up !== null, hasProcesses, withoutTesting };
    refuse(resolved, attachFindings(plan, forecast, means, registry));
    deployers.set(ATTACHED, deployerFor(wallets));

    const scenario = name === "default" ? path : `${path}#${name}`;
    const secrets = keys.map(({ secret }) => secret);
    return runAll(
      [{ resolved, scenarioDigest: digest, scenario, secrets }],
      how,
      { ...parts, registry, deployers },
      world,
    );
  },
};

/** @throws CodedError NR-CLI-OPTION unless exactly one of addresses and a run was named */
async function networkOf(
  args: Arguments,
  { out }: RunSettings,
  world: World,
): Promise<{ up: UpRun | null; targets: Targets }> {
  const written = args.value("run");
  const nodes = args.values("node");
  if ((written === undefined) === (nodes.length === 0)) {
    const message = written === undefined ? "nothing to attach to was named" : "--run and --node exclude each other";
    throw new CodedError("NR-CLI-OPTION", message, {
      hint: "Give --run RUN for a network that was left up here, or --node NAME=http://HOST:PORT for each node.",
    });
  }
  if (written === undefined) return { up: null, targets: readTargets(nodes, args.values("testing")) };
  const fixed = ["testing", "keys", "seed", "profile", "node-kind"].find((flag) => args.has(flag));
  if (fixed !== undefined) {
    throw new CodedError("NR-CLI-OPTION", `--${fixed} and --run exclude each other`, {
      hint: "The run's own record says that.",
    });
  }
  const up = await readUpRun(findRunFolder(out, written, world.folder), world.env);
  return { up, targets: { nodes: up.binding.nodes, withoutTesting: [] } };
}

/** Whether a network's nodes are processes of this machine. */
function isOfProcesses(up: UpRun | null): boolean {
  return up?.lock.plan.deployer === "local";
}

/** What follows from the network's own plan. */
function givenBy(up: UpRun | null): Pick<Settings, "seed" | "profile" | "nodeKind"> {
  if (!up) return {};
  const { seed, profile, nodeKind } = up.lock.plan;
  return { seed, profile, nodeKind };
}

function refuse({ plan, sources }: ResolvedPlan, findings: ReturnType<typeof attachFindings>): void {
  if (findings.length === 0) return;
  throw new RefusedPlan(
    `the plan ${JSON.stringify(plan.name)}`,
    findings.map((finding) => sources.locate(finding)),
  );
}
