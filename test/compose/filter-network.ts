import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { waitFor } from "../../lib/core/wait.ts";
import { reserveNetworks } from "../../lib/deployers/compose/reserve.ts";
import { engineAddress } from "../../lib/host/docker/address.ts";
import { connectEngine, type Engine } from "../../lib/host/docker/engine.ts";
import { type BuiltImage, buildImage } from "../../lib/host/docker/image.ts";
import { RUN_LABEL } from "../../lib/host/docker/labels.ts";
import { type Filters, openFilters } from "../../lib/host/docker/packet-filter.ts";
import { rootFilesOf } from "../../lib/host/docker/root-files.ts";
import { sweepEngine } from "../../lib/host/docker/sweep.ts";
import { toolsImage } from "../../lib/host/docker/tools-image.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import type { InventoryItem } from "../../lib/model/inventory.ts";

const run = promisify(execFile);

/** Runs Docker's own program. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run("docker", args);
  return stdout.trim();
}

/** What a peer got from whom: datagrams, and bytes of connections. */
interface Got {
  readonly udp: Readonly<Record<string, number>>;
  readonly tcp: Readonly<Record<string, number>>;
}

/** A container that speaks with its peers, as it is told over the network that no fault touches. */
export class Peer {
  readonly container: string;
  readonly address: string;
  readonly #port: number;

  constructor(container: string, address: string, port: number) {
    this.container = container;
    this.address = address;
    this.#port = port;
  }

  /** Waits until it answers. */
  async ready(): Promise<void> {
    await waitFor({
      clock: systemClock,
      what: `${this.container} to answer`,
      timeoutMs: 30_000,
      intervalMs: 20,
      look: async () => {
        try {
          await this.got();
          return { done: true, value: undefined };
        } catch (error) {
          return { done: false, seen: String(error) };
        }
      },
    });
  }

  got(): Promise<Got> {
    return this.#ask("got") as Promise<Got>;
  }

  /** Datagrams to another one. */
  send(to: Peer, count: number): Promise<{ readonly sent: number; readonly errors: readonly string[] }> {
    return this.#ask(`send?to=${to.address}&number=${count}`) as Promise<{ sent: number; errors: string[] }>;
  }

  /** A byte there and back over the connection that they have: `echo`, or `silence` after so many ms. */
  talk(to: Peer, ms: number): Promise<string> {
    return this.#ask(`talk?to=${to.address}&number=${ms}`) as Promise<string>;
  }

  /** The same over a new connection. */
  dial(to: Peer, ms: number): Promise<string> {
    return this.#ask(`dial?to=${to.address}&number=${ms}`) as Promise<string>;
  }

  /** Milliseconds until another one has so many bytes. */
  stream(to: Peer, bytes: number): Promise<number> {
    return this.#ask(`stream?to=${to.address}&number=${bytes}`) as Promise<number>;
  }

  #ask(path: string): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const call = request({ host: "127.0.0.1", port: this.#port, path: `/${path}`, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.once("error", reject).once("end", () => resolve(JSON.parse(text)));
    });
    call.once("error", reject).end();
    return promise;
  }
}

export interface PeerNetwork {
  readonly engine: Engine;
  readonly runId: string;
  /** Name of the tools' image. */
  readonly image: string;
  /** Name of the network that they reach one another in. */
  readonly network: string;
  readonly peers: readonly Peer[];
  readonly filters: Filters;
  readonly inventory: readonly { readonly item: InventoryItem; gone(): Promise<boolean> }[];
}

/**
 * So many containers in the two networks that a run has, each started and with no rules.
 * @param imageOf makes the image of the tools
 */
export async function startPeers(
  t: TestContext,
  names: readonly string[],
  imageOf: (engine: Engine) => Promise<BuiltImage> = (engine) => toolsImage(engine, { clock: systemClock }),
): Promise<PeerNetwork> {
  const engine = await connectEngine(engineAddress({}), systemClock);
  const runId = `filter-${process.pid}-${crypto.randomUUID().slice(0, 4)}`;
  t.after(() => sweepEngine(engine, { runId, clock: systemClock, graceMs: 0 }));
  const program = fileURLToPath(new URL("filter-peer.ts", import.meta.url));
  const files = [
    ...(await rootFilesOf({ file: process.execPath, path: "/usr/bin/node" }, systemClock)),
    { path: "/peer/filter-peer.ts", mode: 0o644, content: { file: program } },
  ];
  const command = ["/usr/bin/node", "--disable-warning=ExperimentalWarning", "/peer/filter-peer.ts"];
  const { name: image } = await buildImage(engine, { name: "nomos-run-filter-peer", files, command });
  const { name: tools } = await imageOf(engine);
  const reserved = { runId, names, inventory: { add: () => undefined } };
  const { nodes, peers: network, control } = await reserveNetworks(engine, reserved, new AbortController().signal);
  const peers = await Promise.all(
    nodes.map(async ({ name, host, apiPort, peerPort, reach }) => {
      const container = `${runId}-${name}`;
      const published = `127.0.0.1:${reach?.apiPort}:${apiPort}`;
      const label = `${RUN_LABEL}=${runId}`;
      const args = [image, String(apiPort), String(peerPort)];
      await docker("create", "--name", container, "--label", label, "--network", control, "-p", published, ...args);
      await docker("network", "connect", "--ip", host, network, container);
      await docker("start", container);
      const peer = new Peer(container, host, reach?.apiPort ?? 0);
      await peer.ready();
      return peer;
    }),
  );
  const inventory: { item: InventoryItem; gone(): Promise<boolean> }[] = [];
  const book = {
    add: (item: InventoryItem, gone: () => Promise<boolean>) => void inventory.push({ item, gone }),
    removedByOthers: () => undefined,
  };
  const filters = openFilters(engine, { runId, image: tools, network, clock: systemClock, inventory: book });
  return { engine, runId, image: tools, network, peers, filters, inventory };
}

/** Containers of the tools that a run has now. */
export async function toolsLeft({ runId }: Pick<PeerNetwork, "runId">): Promise<readonly string[]> {
  const names = await docker("ps", "-a", "--filter", `label=${RUN_LABEL}=${runId}`, "--format", "{{.Names}}");
  return names.split("\n").filter((name) => name.includes("_tools_"));
}

export interface PeerCapture extends AsyncDisposable {
  /** Packets so far between the two, one a line: protocol, source, destination, length. */
  lines(): Promise<readonly string[]>;
}

/** Records packets between two peers where one of them gets and sends them, before its own filter. */
export async function capture(at: Peer, other: Peer): Promise<PeerCapture> {
  const pid = await docker("inspect", "-f", "{{.State.Pid}}", at.container);
  const script = join(import.meta.dirname, "filter-capture.py");
  const args = ["-t", pid, "-n", "python3", script, at.address, other.address];
  const child = spawn("nsenter", args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines: string[] = [];
  const ready = Promise.withResolvers<void>();
  const marks: (() => void)[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line === "ready") ready.resolve();
    else if (line === "mark") marks.shift()?.();
    else lines.push(line);
  });
  child.once("exit", (code) => ready.reject(new Error(`the capture ended with ${code}`)));
  await ready.promise;
  return {
    async lines() {
      const { promise, resolve } = Promise.withResolvers<void>();
      marks.push(resolve);
      child.stdin.write("m");
      await promise;
      return [...lines];
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}
