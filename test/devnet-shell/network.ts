import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { Genesis } from "../../lib/chain/types.ts";
import { must } from "../../lib/core/errors.ts";
import { type Look, waitFor } from "../../lib/core/wait.ts";
import { systemClock, wallNow } from "../../lib/host/system-clock.ts";
import type { Binding, BoundNode } from "../../lib/model/binding.ts";
import type { NodeClient } from "../../lib/model/node-client.ts";
import type { Json, Plan, PlannedNode } from "../../lib/model/plan.ts";
import { createUndiciTransport } from "../../lib/nodes/client/undici-transport.ts";
import { referenceKind } from "../../lib/nodes/reference/kind.ts";

/** Ports that no backend hands out. */
const PORTS = { apiPort: 17_080, testingPort: 17_081, peerPort: 17_082 } as const;
/** Where Node keeps the compiled source, so that a start takes half the time. */
const COMPILED = fileURLToPath(new URL("../../node_modules/.cache/compile", import.meta.url));
const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));

export interface NetworkOptions {
  readonly validators?: number;
  readonly executors?: number;
  readonly layout?: "star" | "full";
  readonly wallets?: number;
  readonly slotMs?: number;
  readonly k?: number;
  readonly configPatch?: Json;
  /** Slot 0 starts this long after the network is laid out; a long time makes a chain that stands still. */
  readonly chainStartsIn?: number;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** One node of a test network: its place, its files, and the process that it may be. */
export class TestNode {
  readonly planned: PlannedNode;
  readonly bound: BoundNode;
  readonly folder: string;
  readonly client: NodeClient;
  readonly #args: readonly string[];
  #process: ChildProcess | null = null;
  #ended: Promise<ProcessEnd> = Promise.resolve({ code: null, signal: null });
  /** Everything it wrote, over all starts. */
  out = "";
  err = "";

  constructor(planned: PlannedNode, bound: BoundNode, folder: string, args: readonly string[]) {
    this.planned = planned;
    this.bound = bound;
    this.folder = folder;
    this.#args = args;
    this.client = referenceKind.connect(bound, createUndiciTransport(bound, systemClock));
  }

  get name(): string {
    return this.planned.name;
  }

  get pid(): number {
    return must(this.#process?.pid, `the pid of ${this.name}`);
  }

  get api(): string {
    return `http://${this.bound.host}:${this.bound.apiPort}`;
  }

  get testing(): string {
    return `http://${this.bound.host}:${this.bound.testingPort}`;
  }

  get store(): string {
    return join(this.folder, "state", "node.db");
  }

  start(): void {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", CLI, ...this.#args], {
      cwd: this.folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { NODE_COMPILE_CACHE: COMPILED },
    });
    this.#process = child;
    child.stdout.on("data", (chunk) => {
      this.out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      this.err += chunk;
    });
    this.#ended = new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal })));
  }

  /** Sends a signal and waits for the end of the process. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<ProcessEnd> {
    this.#process?.kill(signal);
    return this.ended();
  }

  async ended(): Promise<ProcessEnd> {
    const end = await this.#ended;
    this.#process = null;
    return end;
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#process?.kill(signal);
  }

  async answers(): Promise<void> {
    await until(`${this.name} to answer`, async () => {
      try {
        await this.client.info({ timeoutMs: 1_000 });
        return { done: true, value: undefined };
      } catch (error) {
        return { done: false, seen: `${error}; it wrote ${this.err}` };
      }
    });
  }

  /** Changes its configuration file for the next start. */
  async configure(change: (config: Record<string, unknown>) => unknown): Promise<void> {
    const path = join(this.folder, "node.json");
    await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, "utf8")))));
  }
}

export interface TestNetwork {
  readonly plan: Plan;
  readonly genesis: Genesis;
  readonly nodes: readonly TestNode[];
}

let networks = 0;

/** Lays out a network, with files and clients; nothing is started. Everything is removed when the test ends. */
export async function layOut(t: TestContext, options: NetworkOptions = {}): Promise<TestNetwork> {
  const root = await mkdtemp(join(tmpdir(), "nomos-run-test-"));
  const nodes: TestNode[] = [];
  t.after(async () => {
    await Promise.all(nodes.map((node) => node.end("SIGKILL")));
    await Promise.all(nodes.map((node) => node.client.close()));
    await rm(root, { recursive: true, force: true });
  });

  const plan = planOf(options);
  const network = networks++;
  const binding: Binding = {
    runId: "test",
    chainStartMs: wallNow() + (options.chainStartsIn ?? 500),
    nodes: plan.topology.nodes.map(({ name }, i) => ({ name, host: loopback(network, i), ...PORTS })),
  };
  const genesis = referenceKind.genesis(plan);
  for (const [i, planned] of plan.topology.nodes.entries()) {
    const { files, args } = referenceKind.render({ plan, binding, genesis, node: planned });
    const folder = join(root, planned.name);
    await mkdir(folder, { recursive: true });
    for (const file of files) await writeFile(join(folder, file.path), file.content);
    nodes.push(new TestNode(planned, binding.nodes[i] as BoundNode, folder, args));
  }
  return { plan, genesis, nodes };
}

/** Starts every node and waits until all answer and have the peers that the layout says. */
export async function boot({ nodes }: TestNetwork): Promise<void> {
  for (const node of nodes) node.start();
  await Promise.all(nodes.map((node) => node.answers()));
  await Promise.all(nodes.map((node) => hasPeers(node, node.planned.neighbours.length)));
}

export async function hasPeers(node: TestNode, count: number): Promise<void> {
  await until(`${count} peers at ${node.name}`, async () => {
    const { peers } = await node.client.networkInfo();
    return peers === count ? { done: true, value: undefined } : { done: false, seen: `${peers}` };
  });
}

/** Waits until the node's chain is this high. */
export async function reaches(node: TestNode, height: number): Promise<void> {
  await until(`height ${height} at ${node.name}`, async () => {
    const info = await node.client.info();
    return info.height >= height ? { done: true, value: undefined } : { done: false, seen: `height ${info.height}` };
  });
}

export function until<T>(what: string, look: () => Promise<Look<T>>, timeoutMs = 15_000): Promise<T> {
  return waitFor({ clock: systemClock, what, timeoutMs, intervalMs: 20, look });
}

/** An address that other test processes don't use, by this one's id. */
function loopback(network: number, node: number): string {
  const place = process.pid % 15_000;
  return `127.${200 + Math.floor(place / 300)}.${(place % 300) >> 1}.${2 + (place % 2) * 126 + network * 8 + node}`;
}

function planOf({ validators = 2, executors = 0, layout = "star", ...options }: NetworkOptions): Plan {
  const names = [
    ...Array.from({ length: validators }, (_, i) => ({ name: `validator-${i}`, role: "validator" as const })),
    ...Array.from({ length: executors }, (_, i) => ({ name: `executor-${i}`, role: "executor" as const })),
  ];
  const hub = must(names[0], "the first node").name;
  const neighboursOf = (own: string) =>
    names.map(({ name }) => name).filter((name) => name !== own && (layout === "full" || name === hub || own === hub));
  const patch = options.configPatch;
  return {
    v: 1,
    name: "test",
    seed: "test",
    profile: "fast",
    deployer: "local",
    nodeKind: "reference",
    durationMs: 1_000,
    timeScale: 1,
    consensus: { slotMs: options.slotMs ?? 250, k: options.k ?? 40, f: 0.9, tieBreak: "smaller-id" },
    topology: {
      layout,
      nodes: names.map((node, index) => ({
        ...node,
        index,
        stake: 1_000,
        neighbours: neighboursOf(node.name),
        ...(patch === undefined ? {} : { configPatch: patch }),
      })),
    },
    wallets: { count: options.wallets ?? 2, totalFunds: 100 * (options.wallets ?? 2) },
    da: null,
    workloads: [],
    expectations: [],
  };
}
