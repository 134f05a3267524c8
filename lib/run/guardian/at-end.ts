import { spawn } from "node:child_process";
import { once } from "node:events";
import { errorText } from "../../core/errors.ts";
import { systemClock } from "../../host/system-clock.ts";
import type { GuardianLog } from "./log.ts";

/** How long what removes a run's other things may take: an engine that restarts is waited for. */
const TIMEOUT_MS = 90_000;

/** Runs a command that removes what is no process; what it says goes into the guardian's log. */
export async function runAtEnd(
  command: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  },
  log: GuardianLog,
): Promise<void> {
  const child = spawn(command.command, command.args, { env: command.env, stdio: ["ignore", "pipe", "pipe"] });
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding("utf8").on("data", (text: string) => log(text.trimEnd()));
  }
  const over = new AbortController();
  const ended = once(child, "close").then(
    ([code, signal]) => `${signal ?? `code ${code}`}`,
    (error: unknown) => errorText(error),
  );
  const late = systemClock.sleep(TIMEOUT_MS, over.signal).then(
    () => child.kill("SIGKILL"),
    () => undefined, // It ended before.
  );
  const how = await ended;
  over.abort();
  await late;
  if (how !== "code 0") log(`${command.args.join(" ")} ended with ${how}`);
}
