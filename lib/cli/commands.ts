import type { ListedCommand } from "./command.ts";

/** Every command, in the order of help. Each is loaded when it is used: the others cost nothing then. */
export const COMMANDS: readonly ListedCommand[] = [
  {
    name: "run",
    parameters: "<...files>",
    summary: "Run scenarios: boot, drive, judge, take down (the word run may be left away)",
    load: async () => (await import("./commands/run.ts")).runCommand,
  },
  {
    name: "plan",
    parameters: "<file>",
    summary: "Show what a run would do, without starting anything",
    load: async () => (await import("./commands/plan.ts")).planCommand,
  },
  {
    name: "demo",
    parameters: "[backend]",
    summary: "Run a network of so many nodes under traffic, without a scenario file",
    load: async () => (await import("./commands/demo.ts")).demoCommand,
  },
  {
    name: "up",
    parameters: "<file>",
    summary: "Deploy a scenario's network and leave it up",
    load: async () => (await import("./commands/up.ts")).upCommand,
  },
  {
    name: "down",
    parameters: "<run>",
    summary: "Take down a network that was left up",
    load: async () => (await import("./commands/down.ts")).downCommand,
  },
  {
    name: "attach",
    parameters: "<file>",
    summary: "Run a scenario against nodes that are up already, by their addresses",
    load: async () => (await import("./commands/attach.ts")).attachCommand,
  },
  {
    name: "ps",
    parameters: "",
    summary: "List every run that has a process on this machine",
    load: async () => (await import("./commands/ps.ts")).psCommand,
  },
  {
    name: "clean",
    parameters: "[run]",
    summary: "Remove the processes that ended runs left behind",
    load: async () => (await import("./commands/clean.ts")).cleanCommand,
  },
  {
    name: "logs",
    parameters: "<run> [node]",
    summary: "Show the logs of a run's nodes",
    load: async () => (await import("./commands/logs.ts")).logsCommand,
  },
  {
    name: "list",
    parameters: "",
    summary: "List the recorded runs with their verdicts, newest first",
    load: async () => (await import("./commands/list.ts")).listCommand,
  },
  {
    name: "recheck",
    parameters: "<run>",
    summary: "Judge a recorded run again, offline, also by other limits",
    load: async () => (await import("./commands/recheck.ts")).recheckCommand,
  },
  {
    name: "replay",
    parameters: "<run>",
    summary: "Run a recorded run's plan again: the same seed, traffic and faults",
    load: async () => (await import("./commands/replay.ts")).replayCommand,
  },
  {
    name: "diff",
    parameters: "<run> <run>",
    summary: "Show in what the plans and figures of two recorded runs differ",
    load: async () => (await import("./commands/diff.ts")).diffCommand,
  },
  {
    name: "doctor",
    parameters: "[backend]",
    summary: "Say what of this machine is ready for which backend, and how to mend the rest",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand,
  },
  {
    name: "task",
    parameters: "[name] [...options]",
    summary: "Run a task: fetch circuits, build a bundle, or one of your own",
    load: async () => (await import("./commands/task.ts")).taskCommand,
  },
  {
    name: "init",
    parameters: "[folder]",
    summary: "Start a folder of scenarios: one to begin with, and what an editor needs",
    load: async () => (await import("./commands/init.ts")).initCommand,
  },
  {
    name: "types",
    parameters: "[folder]",
    summary: "Refresh the type declarations that init wrote",
    load: async () => (await import("./commands/types.ts")).typesCommand,
  },
  {
    name: "check",
    parameters: "<file>",
    summary: "Check a scenario file's types, where a TypeScript compiler is at hand",
    load: async () => (await import("./commands/check.ts")).checkCommand,
  },
  {
    name: "selftest",
    parameters: "[...cases]",
    summary: "Show which expectation catches which misbehaviour, and that healthy networks raise none",
    load: async () => (await import("./commands/selftest.ts")).selftestCommand,
  },
  {
    name: "env",
    parameters: "",
    summary: "Show every environment variable, its value in force and where that comes from",
    load: async () => (await import("./commands/env.ts")).envCommand,
  },
  {
    name: "explain",
    parameters: "[code]",
    summary: "Explain an error code: what it means, what causes it, what to do",
    load: async () => (await import("./commands/explain.ts")).explainCommand,
  },
  {
    name: "completion",
    parameters: "<shell>",
    summary: "Print a completion script: bash, zsh or fish",
    load: async () => (await import("./commands/completion.ts")).completionCommand,
  },
  {
    name: "node",
    parameters: "",
    summary: "Run one embedded node, as runs start it",
    load: async () => (await import("./commands/node.ts")).nodeCommand,
  },
];
