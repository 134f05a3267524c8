import { resolve as resolvePath } from "node:path";
import { CodedError, must } from "../../core/errors.ts";
import { BUILD } from "../../host/build-stamp.ts";
import { systemClock } from "../../host/system-clock.ts";
import type { Deployer } from "../../model/deployer.ts";
import { readEnvironment } from "../../plan/environment.ts";
import { theNearest } from "../../plan/nearest.ts";
import { type ResolvedPlan, resolve } from "../../plan/resolve.ts";
import { tableText } from "../../report/table.ts";
import type { RunReport } from "../../run/run-report.ts";
import { type Parts, startRun } from "../../run/start.ts";
import type { Arguments } from "../arguments.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT, SIGNAL_EXIT } from "../exit-codes.ts";
import { type Interrupts, listenForInterrupts } from "../interrupts.ts";
import { notes } from "../notes.ts";
import { builtIn } from "../registry.ts";
import { forced } from "../run-all.ts";
import { DEFAULT_OUT } from "../run-places.ts";
import { SELFTEST_CASES, type SelftestCase } from "../selftest/cases.ts";
import { outcomeOf, type SelftestOutcome } from "../selftest/outcome.ts";
import type { World } from "../world.ts";

const DEFAULT_SEED = "selftest";

/** Has the expectations judge networks in which nodes misbehave on purpose, and says what caught what. */
export const selftestCommand: CommandDetail = {
  options: [
    { flags: "--deployer <name>", summary: "Backend that the nodes run on; sim, virtual time, by default" },
    { flags: "--profile <name>", summary: "default or fast; default in virtual time, fast elsewhere" },
    { flags: "--seed <text>", summary: `What all chance derives from; ${DEFAULT_SEED} by default` },
    { flags: "--list", summary: "Name the cases, without running them" },
    { flags: "--json", summary: "Print one JSON document" },
    { flags: "--out <folder>", summary: `Where runs leave their folders; ${DEFAULT_OUT} by default` },
  ],
  examples: [
    ["selftest", "every case in virtual time, two minutes at most; exit code 0 when all came out as they must"],
    ["selftest equivocate serve-old-tip --deployer local", "two of them on real processes"],
  ],
  async run(args, world) {
    const cases = chosen(args.positionals);
    if (args.has("list")) {
      world.output.write(tableText(cases.map(({ name, caught, what }) => [name, caught?.expectation ?? "-", what])));
      return EXIT.passed;
    }
    const prepared = prepare(cases, args, world);
    const { parts } = prepared;
    const out = resolvePath(world.folder, args.value("out") ?? DEFAULT_OUT);
    const json = args.has("json");
    const interrupts = listenForInterrupts(world, (signal) =>
      notes.warn(`${signal}: taking everything down; a second one cuts that short`),
    );
    const outcomes: SelftestOutcome[] = [];
    const started = systemClock.now();
    try {
      for (const { tested, resolved } of prepared.runs) {
        if (interrupts.first.aborted) break;
        if (!json && world.output.isTerminal) world.output.write(`...  ${tested.name}\r`);
        const report = await runOne(resolved, parts, out, interrupts);
        if (interrupts.first.aborted) break;
        const outcome = outcomeOf(tested, report);
        outcomes.push(outcome);
        if (!json) world.output.write(line(outcome));
      }
    } finally {
      interrupts.release();
    }
    if (interrupts.first.aborted) return interrupts.signal ? SIGNAL_EXIT[interrupts.signal] : EXIT.error;
    const seconds = Math.round((systemClock.now() - started) / 100) / 10;
    const good = outcomes.filter(({ ok }) => ok).length;
    const passed = good === outcomes.length;
    if (json) world.output.write(`${JSON.stringify({ v: 1, passed, seconds, cases: outcomes }, null, 2)}\n`);
    else world.output.write(`${good} of ${outcomes.length} cases came out as they must, in ${seconds} s\n`);
    return passed ? EXIT.passed : EXIT.failed;
  },
};

/** @throws CodedError NR-CLI-VALUE */
function chosen(names: readonly string[]): readonly SelftestCase[] {
  if (names.length === 0) return SELFTEST_CASES;
  const known = SELFTEST_CASES.map(({ name }) => name);
  return names.map((name) => {
    const found = SELFTEST_CASES.find((each) => each.name === name);
    if (found) return found;
    throw new CodedError("NR-CLI-VALUE", `there is no case ${JSON.stringify(name)}`, {
      hint: `${theNearest(name, known)}selftest --list names all.`,
    });
  });
}

interface Prepared {
  readonly parts: Parts;
  readonly runs: readonly { readonly tested: SelftestCase; readonly resolved: ResolvedPlan }[];
}

/** All plans, before the first is run. @throws RefusedPlan, CodedError NR-CLI-VALUE */
function prepare(cases: readonly SelftestCase[], args: Arguments, world: World): Prepared {
  const parts = builtIn();
  const name = args.value("deployer") ?? "sim";
  const deployer: Deployer | undefined = parts.deployers.get(name);
  if (!deployer) {
    throw new CodedError("NR-CLI-VALUE", `there is no backend ${JSON.stringify(name)}`, {
      hint: `There are ${[...parts.deployers.keys()].join(", ")}.`,
    });
  }
  const profile = args.value("profile");
  if (profile !== undefined && profile !== "default" && profile !== "fast") {
    throw new CodedError("NR-CLI-VALUE", `--profile can't be ${JSON.stringify(profile)}`, {
      hint: "It is default or fast.",
    });
  }
  const environment = readEnvironment(world.env);
  const seed = args.value("seed") ?? DEFAULT_SEED;
  const settings = {
    drawnSeed: seed,
    profile: profile ?? (deployer.simulate ? "default" : "fast"),
    deployer: name,
    nodeKind: undefined,
    durationMs: undefined,
    sets: [],
    environment,
  };
  const runs = cases.map((tested) => ({
    tested,
    resolved: resolve(tested.plan(), { ...settings, seed: `${seed}-${tested.name}` }, parts.registry),
  }));
  return { parts, runs };
}

async function runOne(resolved: ResolvedPlan, parts: Parts, out: string, interrupts: Interrupts): Promise<RunReport> {
  const { report, runId } = await startRun({
    parts,
    resolved,
    scenarioDigest: null,
    out,
    build: BUILD,
    interrupt: interrupts.first,
    keep: "never",
    onStart: () => () => undefined,
  });
  return must(await Promise.race([report, forced(runId, interrupts.second)]), "the report of a run");
}

function line({ ok, name, expected, said, alsoFailed }: SelftestOutcome): string {
  const by = expected ?? "nobody";
  const also = alsoFailed.length === 0 ? "" : ` (also ${alsoFailed.join(", ")})`;
  return `${ok ? "ok  " : "FAIL"} ${name.padEnd(26)} ${by.padEnd(22)} ${said}${also}\n`;
}
