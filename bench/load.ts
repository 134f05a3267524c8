/**
 * The transaction generator beside what a reader can do by hand, against a sink in another process that answers as a node
 * does. How many transactions a second go out: from the generator that signs each as it sends it, on Node's own threads
 * (`inline`), from the generator whose stock was signed ahead in a worker (`ahead`, while the stock lasts: the worker sleeps
 * meanwhile), from both at work side by side (`sustained`, for which a third core is needed beside the sink's to gain much),
 * from a bare undici loop that sends prepared bodies, from autocannon. And how late starts are at a fixed rate: the
 * generator's and those of a bare timer loop. Prints one JSON object, and fails where the generator is below half of the bare
 * loop or nine tenths of it with its stock, later than twice the timer loop at the 99th percentile, or loses count of its
 * starts.
 *
 * usage: node bench/load.ts [--seconds 5] [--rounds 3] [--open-loop-seconds 60] [--rate 1000]
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { writeRequest } from "../lib/chain/http/route.ts";
import { ROUTES } from "../lib/chain/http/routes.ts";
import { walletOf, walletSecret } from "../lib/chain/wallet.ts";
import { randomStream } from "../lib/core/random.ts";
import { waitFor } from "../lib/core/wait.ts";
import { startSigningAhead } from "../lib/host/sign-ahead.ts";
import { systemClock } from "../lib/host/system-clock.ts";
import type { RunningNode } from "../lib/model/cluster.ts";
import type { HeadChange, SeenBlock } from "../lib/model/feed.ts";
import type { RunContext } from "../lib/model/run-context.ts";
import type { SignAhead } from "../lib/model/sign-ahead.ts";
import type { Wallet } from "../lib/model/wallets.ts";
import { createNodeClient } from "../lib/nodes/client/node-client.ts";
import { createUndiciTransport } from "../lib/nodes/client/undici-transport.ts";
import { referenceKind } from "../lib/nodes/reference/kind.ts";
import { offerTx } from "../lib/workloads/offer.ts";
import { Lane } from "../lib/workloads/transactions/lane.ts";
import { transactions } from "../lib/workloads/transactions/transactions.ts";
import { pieceOf, planOf } from "../test/support/recording.ts";

const { values } = parseArgs({
  options: {
    sink: { type: "boolean", default: false },
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
    "open-loop-seconds": { type: "string", default: "60" },
    rate: { type: "string", default: "1000" },
  },
});
const SECONDS = Number(values.seconds);
const RATE = Number(values.rate);
const OPEN_LOOP_MS = Number(values["open-loop-seconds"]) * 1_000;
/** As the product's transport has it. */
const CONNECTIONS = 32;
/** Transactions on their way at once where the rate is not fixed. */
const IN_FLIGHT = 64;
/** Wallets of the generator where the rate is not fixed. */
const ROWS = 1_000;
/** Transfers that are signed before a measurement which uses them, and how long it may take: a rate that none has. */
const STOCK = 40_000;
const STOCK_MS = 1_500;
const never = new AbortController().signal;

/** Reads each request to its end, and answers as a node that takes every transaction. */
function serveSink(): void {
  const server = createServer((request, response) => {
    request.on("data", () => undefined);
    request.on("end", () => response.writeHead(200, { "content-type": "application/json" }).end("null"));
  });
  server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
  process.stdin.on("end", () => server.close()).resume();
}

async function bench(): Promise<void> {
  const sink = spawn(process.execPath, [import.meta.filename, "--sink"], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const port = await portOf(sink);
    const node = nodeAt(port);
    const bodies = preparedBodies(1_000);
    // First, as in a run: a heap that has grown before has longer collections. Half of the timer loop comes before and half
    // after, so that both meet what else the machine does.
    const before = await timerLoop(OPEN_LOOP_MS / 2);
    const open = await openLoop(node);
    const timer = percentiles([...before, ...(await timerLoop(OPEN_LOOP_MS / 2))]);
    const lag = percentiles(open.lags);
    const rounds: Record<"bare" | "autocannon" | "ahead" | "inline" | "sustained", number>[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      rounds.push({
        autocannon: await cannon(port, bodies),
        inline: await generator(node, `inline ${round}`),
        sustained: await generatorBesideWorker(node, `sustained ${round}`),
        bare: await bareLoop(port, bodies),
        ahead: await generatorWithStock(node, `ahead ${round}`),
      });
    }
    const rate = (of: keyof (typeof rounds)[number]) => Math.round(median(rounds.map((round) => round[of])));
    const perSecond = {
      bare: rate("bare"),
      autocannon: rate("autocannon"),
      inline: rate("inline"),
      ahead: rate("ahead"),
      sustained: rate("sustained"),
    };
    const ofBare = {
      inline: median(rounds.map(({ inline, bare }) => inline / bare)),
      ahead: median(rounds.map(({ ahead, bare }) => ahead / bare)),
    };
    const promises = {
      inlineIsHalfOfBare: ofBare.inline >= 0.5,
      aheadIsNineTenthsOfBare: ofBare.ahead >= 0.9,
      lagAtMostTwiceTheTimers: lag.p99 <= 2 * timer.p99,
      everyStartCounted: open.planned > 0 && open.sent + open.missed === open.planned,
    };
    const { lags: _, ...counts } = open;
    const report = { perSecond, ofBare, openLoop: { ...counts, lag }, timerLoop: timer, promises };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    if (Object.values(promises).includes(false)) process.exitCode = 1;
    await node.client.close();
  } finally {
    sink.stdin?.end();
    await once(sink, "exit");
  }
}

async function portOf(sink: ChildProcess): Promise<number> {
  const [line] = (await once(sink.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  return Number(String(line));
}

function nodeAt(port: number): RunningNode {
  const plan = planOf({ validators: 1, executors: 0 });
  const bound = { name: "validator-0", host: "127.0.0.1", apiPort: port, testingPort: port, peerPort: port };
  const client = createNodeClient(bound.name, createUndiciTransport(bound, systemClock));
  return { planned: plan.topology.nodes[0], client } as RunningNode;
}

function walletsOf(count: number, seed: string): Wallet[] {
  return Array.from({ length: count }, (_, index) => {
    const secret = walletSecret(seed, index);
    const note = index.toString(16).padStart(64, "0");
    return { index, label: `wallet-user-${index}`, pk: walletOf(secret).pk, secret, note, value: 100n };
  });
}

function preparedBodies(count: number): (string | Uint8Array)[] {
  return walletsOf(count, "prepared").map((wallet, n) => {
    const { signed } = new Lane(wallet).next({ n, intended: 0 });
    return writeRequest(ROUTES.submit, signed).body ?? "";
  });
}

/** Calls `once` side by side until the time is over. @returns calls per second */
async function flatOut(once: (n: number) => Promise<unknown>, forMs = SECONDS * 1_000): Promise<number> {
  const began = systemClock.now();
  const until = began + forMs;
  let n = 0;
  const worker = async () => {
    while (systemClock.now() < until) await once(n++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return (1_000 * n) / (systemClock.now() - began);
}

async function bareLoop(port: number, bodies: readonly (string | Uint8Array)[]): Promise<number> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS });
  const headers = { "content-type": "application/json" };
  const rate = await flatOut(async (n) => {
    const body = bodies[n % bodies.length] as string | Uint8Array;
    const answer = await pool.request({ method: "POST", path: ROUTES.submit.path, headers, body });
    await answer.body.text();
  });
  await pool.close();
  return rate;
}

/** autocannon in a process of its own, with one body. */
async function cannon(port: number, bodies: readonly (string | Uint8Array)[]): Promise<number> {
  const url = `http://127.0.0.1:${port}${ROUTES.submit.path}`;
  const flags = ["-j", "-m", "POST", "-H", "content-type=application/json", "-c", `${IN_FLIGHT}`, "-d", `${SECONDS}`];
  const program = fileURLToPath(import.meta.resolve("autocannon"));
  const run = spawn(process.execPath, [program, ...flags, "-b", String(bodies[0]), url], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const { requests } = (await json(run.stdout)) as { readonly requests: { readonly average: number } };
  return requests.average;
}

/** The generator's own path: each wallet gives its next transfer, which is offered to the node. */
async function generator(node: RunningNode, seed: string, ahead?: SignAhead, forMs = SECONDS * 1_000): Promise<number> {
  const lanes = walletsOf(ROWS, seed).map(
    (wallet, row) => new Lane(wallet, { beside: true, ahead: ahead && ((n) => ahead.take(row, n)) }),
  );
  // Keys are made when they are first used, which a run does once.
  if (!ahead) for (const lane of lanes) lane.withdraw(lane.next({ n: 0, intended: 0 }));
  const ctx = contextOf(node, []);
  const random = ctx.random("nodes");
  return flatOut(async (n) => {
    const lane = lanes[n % lanes.length] as Lane;
    const transfer = lane.next({ n, intended: 0 });
    transfer.height = n;
    lane.forget(n);
    if (transfer.ready) await transfer.ready;
    const quiet = { submitting: () => undefined, refused: () => undefined };
    await offerTx(ctx, random, { tx: transfer.signed, ...quiet }, never);
  }, forMs);
}

/** Sends what the worker has signed before; it sleeps until half of that is used. */
async function generatorWithStock(node: RunningNode, seed: string): Promise<number> {
  const ahead = startSigningAhead(walletsOf(ROWS, seed), (2 * STOCK) / ROWS);
  try {
    await waitFor({
      clock: systemClock,
      what: "the stock to be signed",
      timeoutMs: 120_000,
      intervalMs: 50,
      look: () =>
        ahead.waiting >= 2 * STOCK ? { done: true, value: undefined } : { done: false, seen: `${ahead.waiting} are` },
    });
    const rate = await generator(node, seed, ahead, STOCK_MS);
    if (ahead.waiting <= STOCK) throw new Error("the stock did not last: the figure would be of something else");
    return rate;
  } finally {
    await ahead.close();
  }
}

async function generatorBesideWorker(node: RunningNode, seed: string): Promise<number> {
  const ahead = startSigningAhead(walletsOf(ROWS, seed));
  try {
    return await generator(node, seed, ahead);
  } finally {
    await ahead.close();
  }
}

/** How late a loop is that only waits for its times, ms. */
async function timerLoop(forMs: number): Promise<readonly number[]> {
  const lags: number[] = [];
  const from = systemClock.now();
  for (let n = 0; (n * 1_000) / RATE < forMs; n++) {
    const intended = from + (n * 1_000) / RATE;
    const early = intended - systemClock.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    lags.push(Math.max(0, systemClock.now() - intended));
  }
  return lags;
}

/** The workload itself at a fixed rate, on a chain that takes every accepted transaction into a block once a second. */
async function openLoop(node: RunningNode) {
  const chain = new InstantChain();
  const counts = { planned: 0, sent: 0, missed: 0 };
  const lags: number[] = [];
  const seen = new Set<number>();
  const ctx = contextOf(node, walletsOf(6 * RATE, "open loop"), chain, {
    emit(type, data) {
      const event = data as { n: number; tx: string; intended: number };
      if (type === "tx.planned") counts.planned++;
      if (type === "tx.missed") counts.missed++;
      if (type === "tx.accepted") chain.take(event.tx);
      if (type !== "tx.submitted" || seen.has(event.n)) return;
      seen.add(event.n);
      counts.sent++;
      lags.push(Math.max(0, systemClock.now() - event.intended));
    },
  });
  const workload = transactions.create(pieceOf("transactions", { rate: RATE, per: "second" }), ctx.plan);
  const blocks = setInterval(() => chain.makeBlock(), 1_000);
  await workload.start(ctx);
  clearInterval(blocks);
  return { ...counts, lags };
}

/** A block feed without nodes. */
class InstantChain {
  readonly #subscribers = new Set<(change: HeadChange) => void>();
  #pending: string[] = [];
  #head: SeenBlock = { id: "b0", parent: "", height: 0, slot: 0, txs: [], messages: [] };

  head(): SeenBlock {
    return this.#head;
  }

  subscribe(told: (change: HeadChange) => void): () => void {
    this.#subscribers.add(told);
    return () => this.#subscribers.delete(told);
  }

  take(tx: string): void {
    this.#pending.push(tx);
  }

  makeBlock(): void {
    const height = this.#head.height + 1;
    this.#head = { id: `b${height}`, parent: this.#head.id, height, slot: height, txs: this.#pending, messages: [] };
    this.#pending = [];
    for (const told of this.#subscribers) told({ removed: [], added: [this.#head] });
  }
}

function contextOf(
  node: RunningNode,
  wallets: readonly Wallet[],
  feed = new InstantChain(),
  events: RunContext["events"] = { emit: () => undefined },
): RunContext {
  const plan = planOf({ validators: 1, executors: 0 }, { workloads: [] });
  return {
    plan,
    nodeKind: referenceKind,
    clock: systemClock,
    chainStart: 0,
    // Asked for when the workload has its wallets: keys of thousands take seconds.
    get driveEnds() {
      return systemClock.now() + OPEN_LOOP_MS;
    },
    cluster: { running: () => [node] },
    feed,
    wallets,
    events,
    signal: never,
    signAhead: startSigningAhead,
    random: (name: string) => randomStream("bench", name),
  } as unknown as RunContext;
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
}

function percentiles(list: readonly number[]): { p50: number; p99: number; p999: number; max: number } {
  const sorted = [...list].sort((a, b) => a - b);
  const at = (share: number) =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(2));
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) };
}

if (values.sink) serveSink();
else await bench();
