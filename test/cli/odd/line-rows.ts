import type { OddInput } from "./odd-input.ts";

/** Command lines and variables that are refused, with all that is said of them. */
export const LINE_ROWS: readonly OddInput[] = [
  {
    what: "two dashes and nothing",
    line: "--",
    says: `error NR-CLI-ARGUMENT: <...files> is missing
  Write: nomos-run run <...files>`,
  },
  {
    what: "a short flag that there is not",
    line: "-x ok.scenario.ts",
    says: `error NR-CLI-OPTION: \`nomos-run run\` has no option -x
  \`nomos-run run --help\` lists all.`,
  },
  {
    what: "repeats without a number",
    line: "ok.scenario.ts --repeat",
    says: `error NR-CLI-OPTION: --repeat needs a value
  Write --repeat <n>.`,
  },
  {
    what: "repeats in another notation",
    line: "ok.scenario.ts --repeat 1e3",
    says: `error NR-CLI-VALUE: --repeat can't be "1e3"
  It is a whole number from 1 to 100000.`,
  },
  {
    what: "repeats below zero",
    line: "ok.scenario.ts --repeat=-1",
    says: `error NR-CLI-VALUE: --repeat can't be "-1"
  It is a whole number from 1 to 100000.`,
  },
  {
    what: "two profiles",
    line: "ok.scenario.ts --profile fast --profile default",
    says: `error NR-CLI-OPTION: --profile is given twice
  Give it once.`,
  },
  {
    what: "no time at all",
    line: "ok.scenario.ts --duration 0s",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 1 problem
  --duration  NR-PLAN-RUN-SHORT
    a run of 0ms has 0 slots of 2s
    Use at least 4s.`,
  },
  {
    what: "a duration beyond all numbers",
    line: "ok.scenario.ts --duration 1e9999s",
    says: `error NR-CLI-VALUE: --duration can't be "1e9999s"
  Write a number with its unit: 90s, 1500ms, 2m, 1h.`,
  },
  {
    what: "an endless duration",
    line: "ok.scenario.ts --duration Infinity",
    says: `error NR-CLI-VALUE: --duration can't be "Infinity"
  Write a number with its unit: 90s, 1500ms, 2m, 1h.`,
  },
  {
    what: "--set without a path",
    line: "ok.scenario.ts --set =5",
    says: `error NR-CLI-VALUE: --set =5 has no path
  Write --set path=value; plan --json shows the paths.`,
  },
  {
    what: "--set of what every object has",
    line: "ok.scenario.ts --set __proto__.x=1",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 1 problem
  --set __proto__.x=1  NR-PLAN-SET-PATH
    "__proto__.x" is no field of this plan
    plan --json shows all fields.`,
  },
  {
    what: "--set of what every object is made by",
    line: "ok.scenario.ts --set constructor=1",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 1 problem
  --set constructor=1  NR-PLAN-SET-PATH
    "constructor" is no field of this plan
    plan --json shows all fields.`,
  },
  {
    what: "--set of NaN",
    line: "ok.scenario.ts --set durationMs=NaN",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 1 problem
  --set durationMs=NaN  NR-PLAN-SET-VALUE
    "durationMs" can't be "NaN"
    It must be a duration such as "90s", or a number of milliseconds.`,
  },
  {
    what: "--set of nothing",
    line: "ok.scenario.ts --set durationMs=",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 1 problem
  --set durationMs=  NR-PLAN-SET-VALUE
    "durationMs" can't be ""
    It must be a duration such as "90s", or a number of milliseconds.`,
  },
  {
    what: "--set beyond all numbers",
    line: "ok.scenario.ts --set topology.nodes.0.stake=1e400",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 1 problem
  --set topology.nodes.0.stake=1e400  NR-PLAN-SET-VALUE
    "topology.nodes.0.stake" can't be "1e400"
    It must be a number.`,
  },
  {
    what: "a matrix without a path",
    line: "ok.scenario.ts --matrix =1",
    says: `error NR-CLI-VALUE: --matrix =1 has no path
  Write --matrix path=value; plan --json shows the paths.`,
  },
  {
    what: "a reporter without a name",
    line: "ok.scenario.ts --reporter",
    says: `error NR-CLI-OPTION: --reporter needs a value
  Write --reporter <name[=file]>.`,
  },
  {
    what: "a report in a folder that is not there",
    line: "ok.scenario.ts --reporter junit=locked/no/report.xml",
    says: `error NR-HOST-WRITE: DIR/locked/no/report.xml can't be written: ENOENT: no such file or directory, open 'DIR/locked/no/report.xml'
  Check that the folder exists and may be written to, or name another place.`,
    code: 3,
  },
  {
    what: "a node kind named as every object's part",
    line: "ok.scenario.ts --node-kind __proto__",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 1 problem
  --node-kind  NR-PLAN-UNKNOWN
    there is no node kind "__proto__"
    There are reference.`,
  },
  {
    what: "a backend named as every object's part",
    line: "ok.scenario.ts --deployer constructor",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 1 problem
  --deployer  NR-PLAN-UNKNOWN
    there is no backend "constructor"
    There are local, compose, sim.`,
  },
  {
    what: "a plan named as every object's part",
    line: "ok.scenario.ts#__proto__",
    says: `error NR-HOST-SCENARIO-EXPORT: ok.scenario.ts exports no __proto__
  It exports only its default plan.`,
  },
  {
    what: "a plan without a name",
    line: "ok.scenario.ts#",
    says: `error NR-HOST-SCENARIO-EXPORT: ok.scenario.ts# names no plan after its #
  Write ok.scenario.ts#NAME, or ok.scenario.ts for the default plan.`,
  },
  {
    what: "a folder without scenarios",
    line: "plan locked",
    says: `error NR-HOST-SCENARIO-FILE: locked is a folder
  It holds no *.scenario.ts file.`,
  },
  {
    what: "a file in a folder without scenarios",
    line: "plan locked/x.scenario.ts",
    says: `error NR-HOST-SCENARIO-FILE: there is no file locked/x.scenario.ts
  There is no *.scenario.ts file in DIR/locked.`,
  },
  {
    what: "three runs to compare",
    line: "diff latest latest latest",
    says: `error NR-CLI-ARGUMENT: \`nomos-run diff\` doesn't take "latest"
  Write: nomos-run diff <run> <run>`,
  },
  {
    what: "a list of something",
    line: "list extra",
    says: `error NR-CLI-ARGUMENT: \`nomos-run list\` doesn't take "extra"
  Write: nomos-run list`,
  },
  {
    what: "a code named as every object's part",
    line: "explain __proto__",
    says: `error NR-CLI-VALUE: there is no error code "__proto__"
  \`nomos-run explain\` lists all.`,
  },
  {
    what: "two codes",
    line: "explain NR-PLAN-COUNT NR-PLAN-COUNT",
    says: `error NR-CLI-ARGUMENT: \`nomos-run explain\` doesn't take "NR-PLAN-COUNT"
  Write: nomos-run explain [code]`,
  },
  {
    what: "the environment of something",
    line: "env extra",
    says: `error NR-CLI-ARGUMENT: \`nomos-run env\` doesn't take "extra"
  Write: nomos-run env`,
  },
  {
    what: "a recheck of nothing",
    line: "recheck",
    says: `error NR-CLI-ARGUMENT: <run> is missing
  Write: nomos-run recheck <run>`,
  },
  {
    what: "a recheck of a folder above",
    line: "recheck ../..",
    says: `error NR-CLI-RUN-UNKNOWN: ../.. is no run's folder
  It has no plan.lock.json and no events.ndjson.`,
  },
  {
    what: "a recheck with a limit without a value",
    line: "recheck latest --set expectations.liveness.power",
    says: `error NR-CLI-VALUE: --set expectations.liveness.power has no equals sign
  Write --set path=value; plan --json shows the paths.`,
  },
  {
    what: "logs of two nodes",
    line: "logs latest validator-0 extra",
    says: `error NR-CLI-ARGUMENT: \`nomos-run logs\` doesn't take "extra"
  Write: nomos-run logs <run> [node]`,
  },
  {
    what: "a device for a scenario",
    line: "/dev/null",
    says: `error NR-HOST-SCENARIO-FILE: /dev/null is a pipe or a device, and a scenario is a file
  Write it to a file first: imports and stack traces need its path.`,
  },
  {
    what: "a file of another language for a scenario",
    line: "/etc/ld.so.conf",
    says: `error NR-HOST-SCENARIO-FILE: /etc/ld.so.conf is no file of TypeScript or JavaScript by its name
  Name a scenario NAME.scenario.ts.`,
  },
  {
    what: "runs in a file",
    line: "list --out ok.scenario.ts",
    says: `error NR-CLI-VALUE: DIR/ok.scenario.ts/runs is no folder
  --out names the folder that runs leave theirs in, such as .nomos-run.`,
  },
  {
    what: "a replay of a folder that is no run's",
    line: "replay ./home",
    says: `error NR-CLI-RUN-UNKNOWN: ./home is no run's folder
  It has no plan.lock.json and no events.ndjson.`,
  },
  {
    what: "a command named as every object is made by",
    line: "constructor",
    says: `error NR-CLI-COMMAND: there is no command "constructor"
  A scenario file is named with its ending: constructor.scenario.ts.`,
  },
  {
    what: "a command named as every object's part",
    line: "__proto__",
    says: `error NR-CLI-COMMAND: there is no command "__proto__"
  A scenario file is named with its ending: __proto__.scenario.ts.`,
  },
  {
    what: "a slot below zero",
    line: "ok.scenario.ts",
    env: { CONSENSUS_SLOT_TIME: "-1" },
    says: `error NR-PLAN-REFUSED: the environment was refused: 1 problem
  CONSENSUS_SLOT_TIME  NR-PLAN-ENVIRONMENT
    CONSENSUS_SLOT_TIME is "-1"
    It must be a number of seconds above 0, down to milliseconds, such as 2 or 0.25; unset it for the default.`,
  },
  {
    what: "a slot in hexadecimal",
    line: "ok.scenario.ts",
    env: { CONSENSUS_SLOT_TIME: "0x10" },
    says: `error NR-PLAN-REFUSED: the environment was refused: 1 problem
  CONSENSUS_SLOT_TIME  NR-PLAN-ENVIRONMENT
    CONSENSUS_SLOT_TIME is "0x10"
    It must be a number of seconds above 0, down to milliseconds, such as 2 or 0.25; unset it for the default.`,
  },
  {
    what: "a slot in another notation",
    line: "ok.scenario.ts",
    env: { CONSENSUS_SLOT_TIME: "2e0" },
    says: `error NR-PLAN-REFUSED: the environment was refused: 1 problem
  CONSENSUS_SLOT_TIME  NR-PLAN-ENVIRONMENT
    CONSENSUS_SLOT_TIME is "2e0"
    It must be a number of seconds above 0, down to milliseconds, such as 2 or 0.25; unset it for the default.`,
  },
  {
    what: "half a block of finality",
    line: "ok.scenario.ts",
    env: { CONSENSUS_SECURITY_PARAM: "1.5" },
    says: `error NR-PLAN-REFUSED: the environment was refused: 1 problem
  CONSENSUS_SECURITY_PARAM  NR-PLAN-ENVIRONMENT
    CONSENSUS_SECURITY_PARAM is "1.5"
    It must be a whole number from 1; unset it for the default.`,
  },
  {
    what: "a profile by variable that there is not",
    line: "ok.scenario.ts",
    env: { NOMOS_RUN_PROFILE: "quick" },
    says: `error NR-PLAN-REFUSED: the environment was refused: 1 problem
  NOMOS_RUN_PROFILE  NR-PLAN-ENVIRONMENT
    NOMOS_RUN_PROFILE is "quick"
    It must be default or fast; unset it for the default.`,
  },
  {
    what: "a URL by variable that is none",
    line: "ok.scenario.ts",
    env: { NOMOS_METRICS_QUERY_URL: "prometheus" },
    says: `error NR-PLAN-REFUSED: the environment was refused: 1 problem
  NOMOS_METRICS_QUERY_URL  NR-PLAN-ENVIRONMENT
    NOMOS_METRICS_QUERY_URL is "prometheus"
    It must be an http or https URL; unset it for the default.`,
  },
  {
    what: "three variables at once",
    line: "ok.scenario.ts",
    env: { CONSENSUS_SLOT_TIME: "NaN", CONSENSUS_ACTIVE_SLOT_COEFF: "∞", CONSENSUS_SECURITY_PARAM: "__proto__" },
    says: `error NR-PLAN-REFUSED: the environment was refused: 3 problems
  CONSENSUS_SLOT_TIME  NR-PLAN-ENVIRONMENT
    CONSENSUS_SLOT_TIME is "NaN"
    It must be a number of seconds above 0, down to milliseconds, such as 2 or 0.25; unset it for the default.
  CONSENSUS_ACTIVE_SLOT_COEFF  NR-PLAN-ENVIRONMENT
    CONSENSUS_ACTIVE_SLOT_COEFF is "∞"
    It must be a number above 0 and at most 1; unset it for the default.
  CONSENSUS_SECURITY_PARAM  NR-PLAN-ENVIRONMENT
    CONSENSUS_SECURITY_PARAM is "__proto__"
    It must be a whole number from 1; unset it for the default.`,
  },
];
