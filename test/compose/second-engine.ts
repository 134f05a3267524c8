import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { waitFor } from "../../lib/core/wait.ts";
import { connectEngine, type Engine } from "../../lib/host/docker/engine.ts";
import { systemClock } from "../../lib/host/system-clock.ts";

/** An engine of the test's own with nothing in it, and without any network. */
export async function startSecondEngine(t: TestContext): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "nomos-run-engine-"));
  const url = `unix://${join(folder, "socket")}`;
  const log = openSync(join(folder, "log"), "a");
  const places = ["data-root", "exec-root", "pidfile"].flatMap((name) => [`--${name}`, join(folder, name)]);
  const args = ["-H", url, ...places, "--bridge", "none", "--iptables=false", "--ip6tables=false"];
  const child = spawn("dockerd", args, { stdio: ["ignore", log, log] });
  t.after(async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    // Not before: an engine whose folder is gone doesn't end.
    rmSync(folder, { recursive: true });
  });
  return await waitFor({
    clock: systemClock,
    what: `a second engine (${join(folder, "log")})`,
    timeoutMs: 30_000,
    intervalMs: 100,
    look: async () => {
      try {
        return { done: true, value: await connectEngine({ url, from: "the test" }, systemClock) };
      } catch (error) {
        return { done: false, seen: String(error) };
      }
    },
  });
}
