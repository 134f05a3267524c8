import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import type { Clock } from "../../../lib/core/clock.ts";
import { systemClock } from "../../../lib/host/system-clock.ts";

export interface FileServer {
  readonly url: string;
  requests(): Promise<{ url: string; range: string | null; authorization: string | null }[]>;
}

/** Starts the server for the files of a folder; it ends with the test. */
export async function serve(t: TestContext, folder: string): Promise<FileServer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "server.ts"), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [port] = await new Promise<string[]>((resolve, reject) => {
    child.once("error", reject);
    createInterface(child.stdout).once("line", (line) => resolve([line]));
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    requests: async () => (await (await fetch(`${url}/log`)).json()) as Awaited<ReturnType<FileServer["requests"]>>,
  };
}

/** The system's clock, on which waiting takes a twentieth of its time. */
export const hurriedClock: Clock = {
  now: () => systemClock.now() * 20,
  sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
};
