import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { waitFor } from "../../../lib/core/wait.ts";
import { systemClock } from "../../../lib/host/system-clock.ts";
import { markedProcesses } from "../../support/world.ts";

const run = promisify(execFile);

/** Runs a program of the system's; its output, both ends trimmed. */
export async function system(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await run(command, args, { env: { ...process.env, ...env }, maxBuffer: 2 ** 26 });
  return stdout.trim();
}

/** Runs Docker's own program. */
export async function docker(...args: readonly string[]): Promise<string> {
  return await system("docker", args);
}

/** What a run has in an engine, as Docker's own program lists it by our label: `kind name`. */
export async function thingsInEngine(runId: string, env: Record<string, string> = {}): Promise<string[]> {
  const label = ["--filter", `label=nomos-run.run${runId === "" ? "" : `=${runId}`}`, "--format"];
  const lists = await Promise.all([
    system("docker", ["ps", "--all", ...label, "container {{.Names}}"], env),
    system("docker", ["network", "ls", ...label, "network {{.Name}}"], env),
    system("docker", ["volume", "ls", ...label, "volume {{.Name}}"], env),
  ]);
  return lists.flatMap((list) => list.split("\n").filter((line) => line !== "")).toSorted();
}

/** What a run has in the world: in an engine, and as processes of this machine. */
async function leftOfRun(runId: string, env: Record<string, string>): Promise<string[]> {
  return [...(await thingsInEngine(runId, env)), ...markedProcesses(runId)];
}

/** Waits until a run has nothing in the world any more. */
export async function nothingLeft(runId: string, timeoutMs: number, env: Record<string, string> = {}): Promise<void> {
  await waitFor({
    clock: systemClock,
    what: `run ${runId} to be gone`,
    timeoutMs,
    intervalMs: 100,
    look: async () => {
      const left = await leftOfRun(runId, env);
      return left.length === 0 ? { done: true, value: undefined } : { done: false, seen: left.join("; ") };
    },
  });
}

/** The compose tools' name of a run. */
export function projectOf(runId: string): string {
  return `nomos-run-${runId}`;
}
