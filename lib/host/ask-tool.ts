import { spawn } from "node:child_process";
import type { Clock } from "../core/clock.ts";
import { systemCode } from "../core/errors.ts";

/** What a program answered: how it ended and what it said; null for a program that did not end in time. */
export type ToolAnswer = { readonly code: number | null; readonly stdout: string; readonly stderr: string } | null;

/** Runs a program that only tells something. One that doesn't end in time is killed, with all that it started. */
export async function askTool(
  path: string,
  args: readonly string[],
  options: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly clock: Clock;
    readonly timeoutMs: number;
  },
): Promise<ToolAnswer> {
  const { env, clock, timeoutMs } = options;
  const child = spawn(path, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const over = new AbortController();
  const ended = new Promise<ToolAnswer>((resolve) => {
    child.once("error", (error) => resolve({ code: null, stdout, stderr: error.message }));
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  const late = clock.sleep(timeoutMs, over.signal).then(
    () => null,
    () => ended,
  );
  const answer = await Promise.race([ended, late]);
  over.abort("the program has ended");
  if (answer === null && child.pid !== undefined) {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch (error) {
      // It ended just now.
      if (systemCode(error) !== "ESRCH") throw error;
    }
    // Its pipes may be held by what left its group: this program need not wait for that.
    child.stdout.destroy();
    child.stderr.destroy();
    child.unref();
  }
  return answer;
}
