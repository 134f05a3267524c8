import { formatDuration } from "../../core/duration.ts";
import { CodedError } from "../../core/errors.ts";
import { scenario } from "../../plan/builder/scenario.ts";
import { shortestRunMs } from "../../plan/checks/warnings.ts";
import { readEnvironment } from "../../plan/environment.ts";
import { RefusedPlan } from "../../plan/problem.ts";
import { resolve } from "../../plan/resolve.ts";
import type { Settings } from "../../plan/settings.ts";
import type { WrittenPlan } from "../../plan/written.ts";
import type { Arguments } from "../arguments.ts";
import type { CommandDetail } from "../command.ts";
import { notes } from "../notes.ts";
import { PLAN_OPTIONS, planSettings } from "../plan-flags.ts";
import { builtIn } from "../registry.ts";
import { runAll } from "../run-all.ts";
import { RUN_OPTIONS, runSettings } from "../run-flags.ts";

const DEFAULT_RUN_MS = 60_000;
const DEFAULT_NODES = 1;

/** A network without a scenario file: what the original's `run-examples.sh -t 60 -v 3 -e 2 MODE` was. */
export const demoCommand: CommandDetail = {
  options: [
    { flags: "-t, --run-seconds <n>", summary: "How long to drive it; at least what judging takes; 60 by default" },
    { flags: "-v, --validators <n>", summary: "1 by default" },
    { flags: "-e, --executors <n>", summary: "1 by default; without one there are no blobs" },
    ...PLAN_OPTIONS.filter(({ flags }) => !/--(duration|deployer)/.test(flags)),
    ...RUN_OPTIONS,
  ],
  examples: [
    ["demo", "one validator and one executor on this machine"],
    ["demo -t 60 -v 3 -e 2 local", "five nodes"],
    ["demo -v 3 -e 2 --profile fast", "five nodes in an eighth of the time"],
  ],
  async run(args, world) {
    const environment = readEnvironment(world.env);
    const how = runSettings(args, environment, world);
    const parts = builtIn();
    const { registry, deployers } = parts;
    const [deployer] = args.positionals;
    if (deployer !== undefined && !deployers.has(deployer)) {
      const hint = deployer === "host" ? "It is called local here." : `There are ${[...deployers.keys()].join(", ")}.`;
      throw new CodedError("NR-CLI-VALUE", `there is no backend ${JSON.stringify(deployer)}`, { hint });
    }
    const wanted = secondsMs(args) ?? environment.values.demoRunMs ?? DEFAULT_RUN_MS;
    const validators = count(args, "validators") ?? environment.values.demoValidators ?? DEFAULT_NODES;
    const executors = count(args, "executors") ?? environment.values.demoExecutors ?? DEFAULT_NODES;
    if (validators + executors === 0) {
      throw new CodedError("NR-CLI-VALUE", "a demo of no validators and no executors has no node", {
        hint: "Give -v or -e a number from 1.",
      });
    }
    const written = demoPlan(validators, executors);
    const settings: Settings = { ...planSettings(args, environment), deployer };

    const asWanted = resolve(written, { ...settings, durationMs: wanted }, registry);
    const shortest = shortestRunMs(asWanted.plan, asWanted.forecast);
    const resolved =
      wanted >= shortest
        ? asWanted
        : resolve(written, { ...settings, durationMs: shortest, seed: asWanted.plan.seed }, registry);
    if (wanted < shortest) {
      notes.warn(
        `${formatDuration(wanted)} can't tell this network from one at half speed: it runs for ${formatDuration(shortest)}`,
      );
    }
    return runAll([{ resolved, scenarioDigest: null }], how, parts, world);
  },
};

/** Traffic of both kinds at rates that any network of these roles carries. Problems of it name no line of ours. */
function demoPlan(validators: number, executors: number): WrittenPlan {
  const demo = scenario("demo")
    .topologyWith((t) => t.networkStar().validators(validators).executors(executors))
    .wallets(50)
    .transactionsWith((txs) => txs.rate(5).users(50))
    .expectConsensusLiveness();
  if (executors > 0) demo.daWith((da) => da.channelRate(1).blobRate(1));
  try {
    return { ...demo.build(), sites: new Map() };
  } catch (thrown) {
    if (!(thrown instanceof RefusedPlan)) throw thrown;
    throw new RefusedPlan(
      "the demo",
      thrown.problems.map(({ code, message, hint }) => ({ code, message, hint })),
    );
  }
}

function secondsMs(args: Arguments): number | undefined {
  const written = args.value("run-seconds");
  if (written === undefined) return undefined;
  if (/^\d{1,7}$/.test(written) && Number(written) > 0) return Number(written) * 1_000;
  throw malformed("-t", written, "a whole number of seconds from 1");
}

function count(args: Arguments, flag: "validators" | "executors"): number | undefined {
  const written = args.value(flag);
  if (written === undefined) return undefined;
  if (/^\d{1,7}$/.test(written)) return Number(written);
  throw malformed(`--${flag}`, written, "a whole number from 0");
}

function malformed(flag: string, written: string, form: string): CodedError {
  return new CodedError("NR-CLI-VALUE", `${flag} can't be ${JSON.stringify(written)}`, { hint: `It is ${form}.` });
}
