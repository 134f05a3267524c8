import { packTar, unpackTar } from "../host/archive.ts";
import { download } from "../host/download.ts";
import { makeFolder } from "../host/make-folder.ts";
import { identify, sweepProcesses } from "../host/processes.ts";
import { markVariables } from "../host/run-marks.ts";
import { commandError, openShell } from "../host/shell.ts";
import type { TaskContext, TaskGiven } from "../model/task.ts";
import type { TaskRunner } from "./run-tasks.ts";

interface OpenContext {
  readonly context: TaskContext;
  /** Ends whatever the task's commands left running. */
  close(): Promise<void>;
  /** A failure, named with the command that it is of. */
  explain(thrown: unknown): unknown;
}

/** What a task is given to work with. */
export function openTaskContext(options: {
  readonly task: string;
  readonly given: TaskGiven;
  readonly out: Readonly<Record<string, string>>;
  readonly scratch: string;
  readonly forced: boolean;
  readonly runner: TaskRunner;
}): OpenContext {
  const { task, given, out, scratch, forced, runner } = options;
  const { clock, signal, runId, report } = runner;
  const runnerIdentity = identify(process.pid);
  const label = `task:${task}`;
  const env = {
    ...runner.env,
    // Found by whoever looks for leftovers, should this process be killed.
    ...markVariables({ runId, role: "runner", node: label, ...(runnerIdentity && { runner: runnerIdentity }) }),
  };
  let command = "a command";
  const shell = openShell({
    folder: given.folder,
    env,
    clock,
    signal,
    onLine: (text, from) => {
      if (from === "command") command = text;
      report({ type: "output", task, text: from === "command" ? `$ ${text}` : text });
    },
  });
  const progress: TaskContext["progress"] = (text, done, total) =>
    report({ type: "progress", task, text, done: done ?? null, total: total ?? null });
  const note = (text: string) => report({ type: "note", task, text });
  return {
    explain: (thrown) => commandError(thrown, command) ?? thrown,
    async close() {
      await shell.close();
      // Commands may have left the groups that they were started in.
      await sweepProcesses({ runId, clock, except: (found) => found.role !== "runner" || found.node !== label });
    },
    context: {
      ...given,
      $: shell.$,
      out,
      scratch,
      env,
      forced,
      clock,
      signal,
      progress,
      note,
      async download(url, path, { sha256, headers } = {}) {
        const name = url.split("/").at(-1) ?? url;
        progress(`fetching ${name}`, 0, null);
        const fetched = await download({
          url,
          path,
          sha256,
          ...(headers && { headers }),
          clock,
          signal,
          onProgress: (done, total) => progress(`fetching ${name}`, done, total),
          onRetry: (why) => note(`fetching ${name}: ${why}`),
        });
        return fetched.sha256;
      },
      async unpack(tar, folder, { strip = 0 } = {}) {
        await makeFolder(folder);
        let entries = 0;
        await unpackTar(tar, folder, {
          strip,
          onEntry: () => progress("unpacking", ++entries, null),
          writer: "task",
        });
      },
      async pack(tar, folder, names) {
        progress("packing", undefined, null);
        await packTar(tar, folder, names, "task");
      },
    },
  };
}
