import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { waitFor } from "../../lib/core/wait.ts";
import { connectEngine, type Engine } from "../../lib/host/docker/engine.ts";
import { systemClock } from "../../lib/host/system-clock.ts";

/**
 * An engine of the test's own with nothing in it. It is in a network of its own, so that it and the machine's engine don't
 * change one another's packet filter: who is to reach its published ports is started {@link OwnEngine.inside}.
 */
export class OwnEngine {
  readonly url: string;
  /** Where it keeps all that it has; made by the test, which may have mounted something there. */
  readonly dataRoot: string;
  readonly #folder: string;
  /** Holds the network. */
  readonly #holder: ChildProcess;
  #process: ChildProcess | undefined;

  constructor(t: TestContext) {
    this.#folder = mkdtempSync(join(tmpdir(), "nomos-run-engine-"));
    this.url = `unix://${join(this.#folder, "socket")}`;
    this.dataRoot = join(this.#folder, "data-root");
    mkdirSync(this.dataRoot);
    this.#holder = spawn("unshare", ["--net", "sh", "-c", "ip link set lo up && echo up && exec cat"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    t.after(async () => {
      if (!this.#isRunning()) await this.start();
      await this.end("SIGTERM");
      this.#holder.stdin?.end();
      // What one that was killed had mounted.
      for (const mount of mountsBelow(this.#folder)) execFileSync("umount", [mount]);
      // Not before: an engine whose folder is gone doesn't end.
      rmSync(this.#folder, { recursive: true });
    });
  }

  /** What a command begins with that runs in this engine's network. */
  get inside(): readonly [command: string, ...args: string[]] {
    return ["nsenter", `--net=/proc/${this.#holder.pid}/ns/net`];
  }

  /** Starts it, and waits until it answers. */
  async start(): Promise<Engine> {
    if (this.#process === undefined && this.#holder.stdout) await once(this.#holder.stdout, "data");
    const logFile = join(this.#folder, "log");
    const log = openSync(logFile, "a");
    const places = ["exec-root", "pidfile"].flatMap((name) => [`--${name}`, join(this.#folder, name)]);
    const [command, ...inside] = this.inside;
    const args = [...inside, "dockerd", "-H", this.url, "--data-root", this.dataRoot, ...places, "--bridge", "none"];
    this.#process = spawn(command, args, { stdio: ["ignore", log, log] });
    return await waitFor({
      clock: systemClock,
      what: `an engine of the test's own (${logFile})`,
      timeoutMs: 30_000,
      intervalMs: 100,
      look: async () => {
        try {
          return { done: true, value: await connectEngine({ url: this.url, from: "the test" }, systemClock) };
        } catch (error) {
          return { done: false, seen: String(error) };
        }
      },
    });
  }

  /** Ends it; asked by SIGTERM it ends its containers first. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (!child || !this.#isRunning()) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
    // Its containerd ends with it, and is taken for alive where the machine's first process reaps nobody.
    rmSync(join(this.#folder, "exec-root/containerd/containerd.pid"), { force: true });
  }

  #isRunning(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }
}

/** What is mounted below a folder, what was mounted last first. */
function mountsBelow(folder: string): string[] {
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  return mounts
    .map((line) => line.split(" ")[1] ?? "")
    .filter((mount) => mount.startsWith(`${folder}/`))
    .toReversed();
}

/** An engine of the test's own, started. */
export async function startSecondEngine(t: TestContext): Promise<Engine> {
  return await new OwnEngine(t).start();
}
