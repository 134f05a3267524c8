import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { nomosRun } from "../support/program.ts";

/** Files that users might write; `ok` is the only one that could run. */
const FILES: Readonly<Record<string, string>> = {
  "ok.scenario.ts": `import { scenario } from "nomos-run";
const base = scenario("ok").topologyWith((t) => t.networkStar().validators(1)).withRunDuration("60s");
export default base.build();
export const other = base.build();
`,
  "named.scenario.ts": 'export { other } from "./ok.scenario.ts";\n',
  "five.scenario.ts": "export default 5;\n",
  "unbuilt.scenario.ts": 'import { scenario } from "nomos-run";\nexport default scenario("x");\n',
  "syntax.scenario.ts": 'import { scenario } from "nomos-run";\n\nexport default scenario("x"\n',
  "throws.scenario.ts": 'const x: number = 1;\nthrow new TypeError("out of luck");\n',
  "import.scenario.ts": 'import { scenaro } from "nomos-run";\nexport default scenaro;\n',
  "missing.scenario.ts": 'import "./missing.ts";\n',
  "type.scenario.ts": 'import { Scenario } from "nomos-run";\nexport default null as unknown as Scenario;\n',
  "empty.scenario.ts": "",
  "mixed.scenario.ts": `import { scenario } from "nomos-run";
export const bad = scenario("bad").topologyWith((t) => t.validators(1)).withRunDuration("x" as never).build();
export default scenario("good").topologyWith((t) => t.validators(1)).withRunDuration("60s").build();
`,
};

interface Refusal {
  /** What is wrong, and with what: a file, a flag, a variable. */
  readonly what: string;
  /** Command line, words separated by spaces. */
  readonly line: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The whole of standard error; `DIR` stands for the working directory. */
  readonly says: string;
  /** Exit status; 64 unless what was named exists and is not whole. */
  readonly code?: number;
}

const REFUSALS: readonly Refusal[] = [
  // files
  {
    what: "a file that is not there",
    line: "ok.scenari.ts",
    says: `error NR-HOST-SCENARIO-FILE: there is no file ok.scenari.ts
  The nearest in DIR is ok.scenario.ts.`,
  },
  {
    what: "a folder",
    line: "run folder",
    says: `error NR-HOST-SCENARIO-FILE: folder is a folder
  It holds no *.scenario.ts file.`,
  },
  {
    what: "a file without an export",
    line: "empty.scenario.ts",
    says: `error NR-HOST-SCENARIO-EXPORT: empty.scenario.ts has no default export
  It exports nothing. Write: export default scenario("name")...build();`,
  },
  {
    what: "an export that is no plan",
    line: "five.scenario.ts",
    says: `error NR-HOST-SCENARIO-EXPORT: the default export of five.scenario.ts is a number, not a plan
  A plan is what scenario(...)...build() returns.`,
  },
  {
    what: "a scenario that is not built",
    line: "unbuilt.scenario.ts",
    says: `error NR-HOST-SCENARIO-EXPORT: the default export of unbuilt.scenario.ts is a scenario that isn't built, not a plan
  End it with .build().`,
  },
  {
    what: "a plan that is refused beside one that can run",
    line: "mixed.scenario.ts#bad",
    says: `error NR-PLAN-REFUSED: the plan "bad" was refused: 1 problem
  DIR/mixed.scenario.ts:2  NR-CORE-DURATION
    withRunDuration: "x" is not a duration
    Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.`,
  },
  {
    what: "a plan that the file doesn't export",
    line: "ok.scenario.ts#othr",
    says: `error NR-HOST-SCENARIO-EXPORT: ok.scenario.ts exports no othr
  The nearest is ok.scenario.ts#other.`,
  },
  {
    what: "a file with plans but no default one",
    line: "plan named.scenario.ts",
    says: `error NR-HOST-SCENARIO-EXPORT: named.scenario.ts has no default export
  Choose one of its plans: named.scenario.ts#other.`,
  },
  {
    what: "a file that is cut off",
    line: "syntax.scenario.ts",
    says: `error NR-HOST-SCENARIO-SYNTAX: Expected ',', got '<eof>'
  at DIR/syntax.scenario.ts:3:1
    3 | export default scenario("x"
      | ^
  Correct the file; an editor with TypeScript marks the place.`,
  },
  {
    what: "a file that throws",
    line: "throws.scenario.ts",
    says: `error NR-HOST-SCENARIO-THREW: the scenario file threw TypeError: out of luck
  at DIR/throws.scenario.ts:2
  The error comes from the file's own code, which runs when it is loaded.`,
  },
  {
    what: "an import of a name that there is not",
    line: "import.scenario.ts",
    says: `error NR-HOST-SCENARIO-IMPORT: nomos-run exports no scenaro
  at DIR/import.scenario.ts:1
  The nearest is scenario. A type is imported with "import type".`,
  },
  {
    what: "an import of a type as a value",
    line: "type.scenario.ts",
    says: `error NR-HOST-SCENARIO-IMPORT: nomos-run exports no Scenario
  at DIR/type.scenario.ts:1
  The nearest is scenario. A type is imported with "import type".`,
  },
  {
    what: "an import of a file that is not there",
    line: "missing.scenario.ts",
    says: `error NR-HOST-SCENARIO-IMPORT: there is no module "./missing.ts"
  at DIR/missing.scenario.ts:1
  There are empty.scenario.ts, five.scenario.ts, import.scenario.ts, mixed.scenario.ts, named.scenario.ts, ok.scenario.ts, syntax.scenario.ts, throws.scenario.ts, type.scenario.ts, unbuilt.scenario.ts in DIR.`,
  },
  {
    what: "the second of two files",
    line: "run ok.scenario.ts five.scenario.ts",
    says: `error NR-HOST-SCENARIO-EXPORT: the default export of five.scenario.ts is a number, not a plan
  A plan is what scenario(...)...build() returns.`,
  },
  // flags
  {
    what: "a command that there is not",
    line: "plna ok.scenario.ts",
    says: `error NR-CLI-COMMAND: there is no command "plna"
  The nearest is plan. A scenario file is named with its ending: plna.scenario.ts.`,
  },
  {
    what: "no file",
    line: "run",
    says: `error NR-CLI-ARGUMENT: <...files> is missing
  Write: nomos-run run <...files>`,
  },
  {
    what: "two files for plan",
    line: "plan ok.scenario.ts five.scenario.ts",
    says: `error NR-CLI-ARGUMENT: \`nomos-run plan\` doesn't take "five.scenario.ts"
  Write: nomos-run plan <file>`,
  },
  {
    what: "a flag that there is not",
    line: "ok.scenario.ts --durration 5s",
    says: `error NR-CLI-OPTION: \`nomos-run run\` has no option --durration
  The nearest is --duration. \`nomos-run run --help\` lists all.`,
  },
  {
    what: "a duration without a unit",
    line: "ok.scenario.ts --duration 90",
    says: `error NR-CLI-VALUE: --duration can't be "90"
  Write a number with its unit: 90s, 1500ms, 2m, 1h.`,
  },
  {
    what: "a negative duration",
    line: "ok.scenario.ts --duration=-5s",
    says: `error NR-CLI-VALUE: --duration can't be "-5s"
  Write a number with its unit: 90s, 1500ms, 2m, 1h.`,
  },
  {
    what: "a flag where a value should be",
    line: "ok.scenario.ts --duration --keep",
    says: `error NR-CLI-OPTION: --duration needs a value
  Write --duration <time>, or --duration=--keep if the value begins with a dash.`,
  },
  {
    what: "a flag without its value",
    line: "ok.scenario.ts --seed",
    says: `error NR-CLI-OPTION: --seed needs a value
  Write --seed <text>.`,
  },
  {
    what: "a flag given twice",
    line: "ok.scenario.ts --seed a --seed b",
    says: `error NR-CLI-OPTION: --seed is given twice
  Give it once.`,
  },
  {
    what: "a value for a flag that takes none",
    line: "ok.scenario.ts --keep=yes",
    says: `error NR-CLI-OPTION: --keep takes no value, but was given "yes"
  Leave it away.`,
  },
  {
    what: "flags that exclude each other",
    line: "ok.scenario.ts --keep --keep-on-failure",
    says: `error NR-CLI-OPTION: --keep and --keep-on-failure exclude each other
  --keep leaves the nodes up whatever the verdict.`,
  },
  {
    what: "an unknown reporter",
    line: "ok.scenario.ts --reporter html",
    says: `error NR-CLI-VALUE: --reporter can't be "html"
  It is one of tty, plain, json, junit, github, or one of them and a file: junit=report.xml.`,
  },
  {
    what: "two reporters on standard output",
    line: "ok.scenario.ts --reporter plain --reporter junit",
    says: `error NR-CLI-OPTION: --reporter plain and --reporter junit both write to standard output
  Give one a file: --reporter junit=FILE.`,
  },
  {
    what: "annotations in a document",
    line: "ok.scenario.ts --reporter github --reporter json",
    says: `error NR-CLI-OPTION: --reporter github writes to standard output, which is a document by --reporter json
  Give one a file: --reporter json=FILE.`,
  },
  {
    what: "two reporters and one file",
    line: "ok.scenario.ts --reporter junit=out --reporter json=out",
    says: `error NR-CLI-OPTION: two reporters write to DIR/out
  Give each a file of its own.`,
  },
  {
    what: "a reporter's file without a name",
    line: "ok.scenario.ts --reporter junit=",
    says: `error NR-CLI-VALUE: --reporter can't be "junit="
  Write --reporter junit=FILE.`,
  },
  {
    what: "a terminal in a file",
    line: "ok.scenario.ts --reporter tty=out",
    says: `error NR-CLI-VALUE: --reporter can't be "tty=out"
  It draws on a terminal; plain=FILE is the same as lines.`,
  },
  {
    what: "a report over a file that exists",
    line: "ok.scenario.ts --reporter json=new.ndjson --reporter junit=five.scenario.ts",
    says: `error NR-CLI-VALUE: --reporter junit=five.scenario.ts: the file exists
  Reports don't replace files: remove it, or name another.`,
  },
  {
    what: "no repeats at all",
    line: "ok.scenario.ts --repeat 0",
    says: `error NR-CLI-VALUE: --repeat can't be "0"
  It is a whole number from 1 to 100000.`,
  },
  {
    what: "a matrix without values",
    line: "ok.scenario.ts --matrix wallets.count",
    says: `error NR-CLI-VALUE: --matrix wallets.count has no equals sign
  Write --matrix path=value; plan --json shows the paths.`,
  },
  {
    what: "a matrix with an empty value",
    line: "ok.scenario.ts --matrix wallets.count=1,,2",
    says: `error NR-CLI-VALUE: --matrix wallets.count=1,,2 has an empty value
  Write --matrix path=value,value.`,
  },
  {
    what: "a matrix with a value twice",
    line: "ok.scenario.ts --matrix wallets.count=1,1",
    says: `error NR-CLI-VALUE: --matrix wallets.count=1,1 has the value 1 twice
  --repeat runs a plan several times.`,
  },
  {
    what: "a matrix with a field twice",
    line: "ok.scenario.ts --matrix wallets.count=1 --matrix wallets.count=2",
    says: `error NR-CLI-OPTION: --matrix wallets.count is given twice
  Give it once with all its values, separated by commas.`,
  },
  {
    what: "a matrix of which one combination can't run",
    line: "ok.scenario.ts --matrix wallets.count=0,many",
    says: `error NR-PLAN-REFUSED: the plan "ok" was refused: 1 problem
  --matrix wallets.count=many  NR-PLAN-SET-VALUE
    "wallets.count" can't be "many"
    It must be a number.`,
  },
  {
    what: "an error code that there is not",
    line: "explain NR-PLAN-TXRATE",
    says: `error NR-CLI-VALUE: there is no error code "NR-PLAN-TXRATE"
  The nearest is NR-PLAN-TX-RATE. \`nomos-run explain\` lists all.`,
  },
  {
    what: "a variable that would test another network",
    line: "ok.scenario.ts",
    env: { LOGOS_BLOCKCHAIN_PRUNE_INTERVAL_SECS: "1" },
    says: `error NR-PLAN-REFUSED: the environment was refused: 1 problem
  LOGOS_BLOCKCHAIN_PRUNE_INTERVAL_SECS  NR-PLAN-ENVIRONMENT
    LOGOS_BLOCKCHAIN_PRUNE_INTERVAL_SECS is "1", and has no effect here
    It is a setting of the nodes: give it with nodeConfigPatch in the scenario. Unset the variable.`,
  },
  {
    what: "one run to compare",
    line: "diff latest",
    says: `error NR-CLI-ARGUMENT: <run> is missing
  Write: nomos-run diff <run> <run>`,
  },
  {
    what: "a recheck of a run that there is not",
    line: "recheck latest",
    says: `error NR-CLI-RUN-UNKNOWN: there is no latest run
  Nothing ran in DIR/.nomos-run yet; --out names another place.`,
  },
  {
    what: "a recheck of a folder that is no run's",
    line: "recheck ./folder",
    says: `error NR-CLI-RUN-UNKNOWN: ./folder is no run's folder
  It has no plan.lock.json and no events.ndjson.`,
  },
  {
    what: "a recheck with a limit that is none",
    line: "recheck latest --set liveness",
    says: `error NR-CLI-VALUE: --set liveness has no equals sign
  Write --set path=value; plan --json shows the paths.`,
  },
  {
    what: "an unknown profile",
    line: "ok.scenario.ts --profile quick",
    says: `error NR-PLAN-REFUSED: the plan "ok" was refused: 1 problem
  --profile  NR-PLAN-PROFILE
    there is no profile "quick"
    There are default, fast.`,
  },
  {
    what: "an unknown backend",
    line: "ok.scenario.ts --deployer lokal",
    says: `error NR-PLAN-REFUSED: the plan "ok" was refused: 1 problem
  --deployer  NR-PLAN-UNKNOWN
    there is no backend "lokal"
    Did you mean local? There are local, compose, sim.`,
  },
  {
    what: "--set without a value",
    line: "ok.scenario.ts --set wallets.count",
    says: `error NR-CLI-VALUE: --set wallets.count has no equals sign
  Write --set path=value; plan --json shows the paths.`,
  },
  {
    what: "--set of a field that there is not",
    line: "ok.scenario.ts --set walets.count=5",
    says: `error NR-PLAN-REFUSED: the plan "ok" was refused: 1 problem
  --set walets.count=5  NR-PLAN-SET-PATH
    "walets.count" is no field of this plan
    Did you mean wallets.count? plan --json shows all fields.`,
  },
  {
    what: "--set of a word where a number is",
    line: "ok.scenario.ts --set wallets.count=many",
    says: `error NR-PLAN-REFUSED: the plan "ok" was refused: 1 problem
  --set wallets.count=many  NR-PLAN-SET-VALUE
    "wallets.count" can't be "many"
    It must be a number.`,
  },
  {
    what: "a demo of no time",
    line: "demo -t 0 local",
    says: `error NR-CLI-VALUE: -t can't be "0"
  It is a whole number of seconds from 1.`,
  },
  {
    what: "a demo on the original's name of a backend",
    line: "demo -t 60 -v 3 -e 2 host",
    says: `error NR-CLI-VALUE: there is no backend "host"
  It is called local here.`,
  },
  {
    what: "a case of the selftest that there is not",
    line: "selftest equivocate stal",
    says: `error NR-CLI-VALUE: there is no case "stal"
  The nearest is stall. selftest --list names all.`,
  },
  {
    what: "a selftest on a backend that there is not",
    line: "selftest --deployer simulation",
    says: `error NR-CLI-VALUE: there is no backend "simulation"
  There are local, compose, sim.`,
  },
  {
    what: "a selftest with a profile that there is not",
    line: "selftest stall --profile quick",
    says: `error NR-CLI-VALUE: --profile can't be "quick"
  It is default or fast.`,
  },
  {
    what: "a run that there is not",
    line: "logs latest",
    says: `error NR-CLI-RUN-UNKNOWN: there is no latest run
  Nothing ran in DIR/.nomos-run yet; --out names another place.`,
  },
  {
    what: "a run without processes",
    line: "clean no-such-run-at-all",
    says: "error NR-CLI-RUN-UNKNOWN: nothing on this machine or in its Docker Engine belongs to run no-such-run-at-all",
  },
  // the environment
  {
    what: "a slot of no number",
    line: "ok.scenario.ts",
    env: { CONSENSUS_SLOT_TIME: "fast" },
    says: `error NR-PLAN-REFUSED: the environment was refused: 1 problem
  CONSENSUS_SLOT_TIME  NR-PLAN-ENVIRONMENT
    CONSENSUS_SLOT_TIME is "fast"
    It must be a number of seconds above 0, down to milliseconds, such as 2 or 0.25; unset it for the default.`,
  },
  {
    what: "a coefficient above 1",
    line: "ok.scenario.ts",
    env: { CONSENSUS_ACTIVE_SLOT_COEFF: "1.5" },
    says: `error NR-PLAN-REFUSED: the environment was refused: 1 problem
  CONSENSUS_ACTIVE_SLOT_COEFF  NR-PLAN-ENVIRONMENT
    CONSENSUS_ACTIVE_SLOT_COEFF is "1.5"
    It must be a number above 0 and at most 1; unset it for the default.`,
  },
  {
    what: "variables that contradict each other, and another problem",
    line: "ok.scenario.ts",
    env: { NOMOS_RUN_SEED: "1", LOGOS_BLOCKCHAIN_RUN_SEED: "2", CONSENSUS_SECURITY_PARAM: "ten" },
    says: `error NR-PLAN-REFUSED: the environment was refused: 2 problems
  CONSENSUS_SECURITY_PARAM  NR-PLAN-ENVIRONMENT
    CONSENSUS_SECURITY_PARAM is "ten"
    It must be a whole number from 1; unset it for the default.
  NOMOS_RUN_SEED  NR-PLAN-ENVIRONMENT
    NOMOS_RUN_SEED is "1", and LOGOS_BLOCKCHAIN_RUN_SEED means the same and is "2"
    Unset one of them.`,
  },
  {
    what: "a backend by variable",
    line: "ok.scenario.ts",
    env: { NOMOS_RUN_DEPLOYER: "docker" },
    says: `error NR-PLAN-REFUSED: the plan "ok" was refused: 1 problem
  NOMOS_RUN_DEPLOYER  NR-PLAN-UNKNOWN
    there is no backend "docker"
    There are local, compose, sim.`,
  },
  {
    what: "half a node in the demo",
    line: "demo",
    env: { NOMOS_DEMO_VALIDATORS: "1.5" },
    says: `error NR-PLAN-REFUSED: the environment was refused: 1 problem
  NOMOS_DEMO_VALIDATORS  NR-PLAN-ENVIRONMENT
    NOMOS_DEMO_VALIDATORS is "1.5"
    It must be a whole number from 0; unset it for the default.`,
  },
  // up, down, attach
  {
    what: "up of a network in virtual time",
    line: "up ok.scenario.ts --deployer sim",
    says: `error NR-CLI-OPTION: the simulated nodes of ok can't stay
  They live in the process and time of a run. Use --deployer local.`,
  },
  {
    what: "up with a duration, for nothing is driven",
    line: "up ok.scenario.ts --duration 60s",
    says: `error NR-CLI-OPTION: \`nomos-run up\` has no option --duration
  \`nomos-run up --help\` lists all.`,
  },
  {
    what: "attaching to nothing",
    line: "attach ok.scenario.ts",
    says: `error NR-CLI-OPTION: nothing to attach to was named
  Give --run RUN for a network that was left up here, or --node NAME=http://HOST:PORT for each node.`,
  },
  {
    what: "an address that is none",
    line: "attach ok.scenario.ts --node validator-0=nowhere",
    says: `error NR-CLI-VALUE: the address of validator-0 can't be read
  Write --node validator-0=http://HOST:PORT.`,
  },
  {
    what: "an address of a node that the plan doesn't have",
    line: "attach ok.scenario.ts --node validator-1=http://127.0.0.1:1",
    says: `error NR-ATTACH-NETWORK: the plan has no node validator-1
  The nearest is validator-0. It has validator-0.`,
  },
  {
    what: "a run's network and a seed of another",
    line: "attach ok.scenario.ts --run latest --seed x",
    says: `error NR-CLI-OPTION: --seed and --run exclude each other
  The run's own record says that.`,
  },
  {
    what: "no task",
    line: "task",
    says: `error NR-CLI-ARGUMENT: no task is named
  Write: nomos-run task NAME [option=value ...]. nomos-run task --list shows all.`,
  },
  {
    what: "a task that there is not",
    line: "task setup-circuit",
    says: `error NR-TASK-UNKNOWN: there is no task setup-circuit
  The nearest is setup-circuits. nomos-run task --list shows all.`,
  },
  {
    what: "a task's option without its value",
    line: "task doctor backend",
    says: `error NR-CLI-ARGUMENT: "backend" is no option of a task
  Write name=value, such as version=v0.3.1.`,
  },
  {
    what: "a task's option that there is not",
    line: "task doctor backedn=local",
    says: `error NR-TASK-OPTION: task doctor has no option backedn
  The nearest is backend. It has backend.`,
  },
  {
    what: "a task's option, written as a flag, that there is not",
    line: "task doctor --backedn=local",
    says: `error NR-CLI-OPTION: \`nomos-run task\` has no option --backedn
  The nearest is --backend. \`nomos-run task --help\` lists all.`,
  },
  {
    what: "a task's option in both forms",
    line: "task doctor backend=local --backend=local",
    says: `error NR-CLI-ARGUMENT: backend is given twice
  Give it once.`,
  },
  {
    what: "a flag's value without an equals sign",
    line: "task doctor --backend local",
    says: `error NR-CLI-ARGUMENT: "local" is no option of a task
  Write a flag's value as --name=value.`,
  },
  {
    what: "a flag of no task",
    line: "task --lst",
    says: `error NR-CLI-OPTION: \`nomos-run task\` has no option --lst
  The nearest is --list. \`nomos-run task --help\` lists all.`,
  },
  {
    what: "a value that a task can't use",
    line: "task setup-circuits sha256=abc",
    says: `error NR-TASK-OPTION: task setup-circuits can't use sha256 "abc": it is not 64 hexadecimal digits
  at sha256=abc
  sha256 is: what the SHA-256 of that file must be.`,
  },
  {
    what: "the same by a variable",
    line: "task setup-circuits",
    env: { LOGOS_BLOCKCHAIN_CIRCUITS_PLATFORM: "dos" },
    says: `error NR-TASK-OPTION: task setup-circuits can't use platform "dos": it is none of linux-x86_64, linux-aarch64, macos-x86_64, macos-aarch64
  at LOGOS_BLOCKCHAIN_CIRCUITS_PLATFORM
  platform is: system and processor they are for.`,
  },
  {
    what: "a file of tasks that is not there",
    line: "task doctor --file none.ts",
    says: `error NR-HOST-SCENARIO-FILE: there is no file none.ts
  --file names a scenario file, or a file that exports tasks.`,
  },
  {
    what: "a backend that doctor doesn't know",
    line: "doctor k8s",
    says: `error NR-CLI-ARGUMENT: there is no backend "k8s" to look at
  There are local, compose, kubernetes.`,
  },
  {
    what: "keys that are not there",
    line: "attach ok.scenario.ts --node validator-0=http://127.0.0.1:1 --keys nothing.json",
    says: `error NR-ATTACH-KEYS: the keys in DIR/nothing.json can't be used: it can't be read (ENOENT)
  Write [{ "secret": "64 hex digits", "note": "64 hex digits", "value": "100" }].`,
  },
];

describe("what can't be run is refused before anything is started", { concurrency: 4 }, () => {
  let folder = "";
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "nomos-run-refusals-")));
    mkdirSync(join(folder, "folder"));
    mkdirSync(join(folder, "home"));
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const { what, line, env, says, code: status = 64 } of REFUSALS) {
    it(what, async (t) => {
      const { code, stdout, stderr } = await nomosRun(t, line.split(" "), {
        cwd: folder,
        env: { ...env, HOME: join(folder, "home") },
      });
      const said = stderr.replaceAll(folder, "DIR").trimEnd();
      // What other runs there are on this machine is none of this test's business.
      const known = line.startsWith("clean ") ? said.split("\n")[0] : said;
      assert.equal(known, says);
      assert.equal(code, status);
      assert.equal(stdout, "");
      assert.deepEqual(readdirSync(folder).toSorted(), [...Object.keys(FILES), "folder", "home"].toSorted());
      for (const [name, text] of Object.entries(FILES)) assert.equal(readFileSync(join(folder, name), "utf8"), text);
    });
  }
});

describe("a plan that is refused", { concurrency: 4 }, () => {
  let cwd = "";
  before(() => {
    cwd = realpathSync(mkdtempSync(join(tmpdir(), "nomos-run-mixed-")));
    writeFileSync(join(cwd, "mixed.scenario.ts"), FILES["mixed.scenario.ts"] ?? "");
  });
  after(() => rmSync(cwd, { recursive: true, force: true }));

  it("leaves the others of its file usable", async (t) => {
    const { code, stdout, stderr } = await nomosRun(t, ["plan", "mixed.scenario.ts"], { cwd });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^good on local/);
  });

  it("is told by whoever checks the file", async (t) => {
    const { stderr } = await nomosRun(t, ["check", "mixed.scenario.ts"], { cwd });
    assert.match(stderr, /NR-PLAN-REFUSED: the plan "bad" was refused|NR-HOST-COMPILER|NR-CLI-TYPES/);
  });
});

describe("help and version", { concurrency: 4 }, () => {
  const cwd = tmpdir();

  it("says its version", async (t) => {
    const { code, stdout, stderr } = await nomosRun(t, ["--version"], { cwd });
    assert.deepEqual([code, stderr], [0, ""]);
    // Commit, with a plus for what is in none, and the digest of the sources.
    assert.match(stdout, /^nomos-run 0\.1\.0 \([0-9a-f]{12}\+?, [0-9a-f]{12}\) \w+-\w+ Node \d+\.\d+\.\d+\n$/);
  });

  it("shows help without a command, and doesn't call that a success", async (t) => {
    const { code, stdout } = await nomosRun(t, [], { cwd });
    assert.equal(code, 64);
    assert.match(stdout, /^Usage:\n {2}\$ nomos-run <scenario\.ts>/);
  });

  for (const command of [
    "run",
    "plan",
    "demo",
    "up",
    "down",
    "attach",
    "ps",
    "clean",
    "logs",
    "recheck",
    "list",
    "diff",
    "env",
    "explain",
    "selftest",
    "task",
    "doctor",
  ]) {
    it(`explains ${command} with examples`, async (t) => {
      const { code, stdout } = await nomosRun(t, [command, "--help"], { cwd });
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`Examples:\n {2}nomos-run ${command === "run" ? "" : command}`));
      assert.equal((await nomosRun(t, ["help", command], { cwd })).stdout, stdout);
    });
  }
});
