import { relative } from "node:path";
import { CodedError } from "../../core/errors.ts";
import { BUILD } from "../../host/build-stamp.ts";
import { systemClock } from "../../host/system-clock.ts";
import type { Node } from "../../model/cluster.ts";
import { readEnvironment } from "../../plan/environment.ts";
import { resolve } from "../../plan/resolve.ts";
import { createReporter } from "../../report/create.ts";
import type { Reporter } from "../../report/reporter.ts";
import { tableText } from "../../report/table.ts";
import { bootToStay, networkOnly } from "../../run/network-only.ts";
import { startRun } from "../../run/start.ts";
import type { CommandDetail } from "../command.ts";
import { verdictExit } from "../exit-codes.ts";
import { listenForInterrupts } from "../interrupts.ts";
import { loadPlan } from "../load-plans.ts";
import { notes } from "../notes.ts";
import { PLAN_OPTIONS, planSettings } from "../plan-flags.ts";
import { builtIn } from "../registry.ts";
import { forced } from "../run-all.ts";
import { RUN_OPTIONS, runSettings } from "../run-flags.ts";

/** Deploys a network that stays when this program has ended. */
export const upCommand: CommandDetail = {
  options: [
    ...PLAN_OPTIONS.filter(({ flags }) => !/--duration/.test(flags)),
    ...RUN_OPTIONS.filter(({ flags }) => /--out/.test(flags)),
    { flags: "--json", summary: "Print one JSON document: the run, its folder, and each node's addresses" },
  ],
  examples: [
    ["up chaos.scenario.ts", "boot its network, print its addresses, and leave it up"],
    ["up chaos.scenario.ts --profile fast --json", "the same for a program, with 250 ms slots"],
    ["down latest", "take it down again"],
  ],
  async run(args, world) {
    const environment = readEnvironment(world.env);
    const settings = planSettings(args, environment);
    const { out } = runSettings(args, environment, world);
    const parts = builtIn();
    const { path, name, plan: written, digest } = await loadPlan(args.positionals[0] ?? "", world);
    // All of the plan must be able to run, although only its network is deployed: what comes next is attaching to it.
    const resolved = networkOnly(resolve(written, settings, parts.registry));
    const { plan } = resolved;
    if (parts.deployers.get(plan.deployer)?.simulate) {
      throw new CodedError("NR-CLI-OPTION", `the simulated nodes of ${plan.name} can't stay`, {
        hint: "They live in the process and time of a run. Use --deployer local.",
      });
    }

    let reporter: Reporter | undefined;
    let nodes: readonly Node[] = [];
    const interrupts = listenForInterrupts(world, (signal) => {
      notes.warn(`${signal}: taking everything down; a second one cuts that short`);
    });
    try {
      const run = await startRun({
        parts,
        resolved,
        scenarioDigest: digest,
        scenario: name === "default" ? path : `${path}#${name}`,
        out,
        build: BUILD,
        interrupt: interrupts.first,
        keep: "on-success",
        onStart({ runId, folder }) {
          const { errors } = world;
          reporter = createReporter(errors.isTerminal ? "tty" : "plain", { runId, plan, folder }, errors, systemClock);
          return reporter.event;
        },
        act: (conductor) =>
          bootToStay(conductor, (up) => {
            nodes = up;
          }),
      });
      const report = await Promise.race([run.report, forced(run.runId, interrupts.second)]);
      if (!report.kept) {
        reporter?.end(report);
        return verdictExit(report.verdict, interrupts.signal);
      }
      reporter?.abandon();
      const document = {
        run: run.runId,
        name: plan.name,
        seed: plan.seed,
        folder: run.folder,
        slotMs: plan.consensus.slotMs,
        nodes: nodes.map(addresses),
        down: `nomos-run down ${run.runId}`,
      };
      world.output.write(args.has("json") ? `${JSON.stringify(document, null, 2)}\n` : text(document, world.folder));
      return verdictExit(report.verdict, null);
    } finally {
      interrupts.release();
    }
  },
};

function addresses(node: Node) {
  const { planned, bound } = node;
  const place = bound.reach ?? bound;
  const host = place.host.includes(":") ? `[${place.host}]` : place.host;
  return {
    name: planned.name,
    role: planned.role,
    api: `http://${host}:${place.apiPort}`,
    testing: `http://${host}:${place.testingPort}`,
    /** What the backend calls it: `pid 4711`, `container 3f2a9c...`; null when it doesn't run. */
    handle: node.state === "running" ? node.handle : null,
    pid: node.state === "running" ? pidOf(node.handle) : null,
  };
}

function pidOf(handle: string): number | null {
  const pid = /^pid (\d+)$/.exec(handle)?.[1];
  return pid === undefined ? null : Number(pid);
}

function text(
  up: { run: string; name: string; seed: string; folder: string; nodes: ReturnType<typeof addresses>[]; down: string },
  folder: string,
): string {
  const rows = up.nodes.map(({ name, api, testing, handle }) => [name, api, testing, handle ?? "stopped"]);
  return [
    `UP  ${up.name}, run ${up.run}, seed ${up.seed}`,
    tableText([["NODE", "API", "TESTING", "PROCESS"], ...rows]).trimEnd(),
    `logs and evidence  ${relative(folder, up.folder) || up.folder}`,
    `take it down with  ${up.down}`,
    "",
  ].join("\n");
}
