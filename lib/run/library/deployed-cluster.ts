import { join } from "node:path";
import type { TxHash } from "../../chain/types.ts";
import { type Duration, durationMs } from "../../core/duration.ts";
import { CodedError } from "../../core/errors.ts";
import { waitFor } from "../../core/wait.ts";
import type { Node, NodeControl, RunningNode } from "../../model/cluster.ts";
import type { RunEvent } from "../../model/events.ts";
import type { BlockFeed } from "../../model/feed.ts";
import type { Plan } from "../../model/plan.ts";
import type { Wallet } from "../../model/wallets.ts";
import { shown } from "../../plan/shown.ts";
import type { Conductor } from "../conduct.ts";
import type { Network } from "../network.ts";
import type { RunReport } from "../run-report.ts";
import { Purse } from "./purse.ts";

/** How long to wait for something. Not scaled by the profile. */
export interface Within {
  readonly within: Duration;
}

/** A deployed network, for programs that drive it themselves. `await using` takes it down at the end of the scope. */
export interface DeployedCluster extends AsyncDisposable {
  readonly runId: string;
  /** The plan as it was deployed, seed and all. */
  readonly plan: Plan;
  /** Absolute path of the run folder, where the evidence is. */
  readonly folder: string;
  /** The folder of the nodes' logs. */
  readonly logs: string;
  /** What was recorded so far. */
  readonly events: readonly RunEvent[];
  /** Every node as it stands now, validators first. Only one that runs has a client. */
  readonly nodes: readonly Node[];
  /** Those that run. */
  readonly running: readonly RunningNode[];
  /** @throws CodedError NR-NODE-UNKNOWN */
  node(name: string): Node;
  /** Starts, stops and pauses nodes, cuts and slows links, sets clocks wrong. What a call does is on record. */
  readonly control: NodeControl;
  /** All blocks that any node shows, and the canonical chain through them. */
  readonly feed: BlockFeed;
  /** The wallets of the genesis. */
  readonly wallets: readonly Wallet[];
  /** What a wallet has by the genesis and the transfers made here, those under way included. */
  balance(wallet: Pick<Wallet, "pk">): bigint;
  /**
   * Pays from one wallet to another: waits until the notes that it spends are in the chain, signs, and submits. Resolves
   * when a node has taken it.
   * @throws CodedError NR-LIB-FUNDS, NR-LIB-TX when the node refuses it, NR-NODE-*
   */
  transfer(payment: {
    readonly from: Wallet;
    readonly to: Pick<Wallet, "pk">;
    readonly value: bigint;
    /** Name of the node to submit to; the first that runs by default. */
    readonly via?: string;
  }): Promise<{ readonly tx: TxHash; readonly node: string }>;
  /** Waits until the canonical chain holds a transaction, with this many blocks on top of it (0 by default). */
  waitForTransaction(tx: TxHash, options: Within & { readonly depth?: number }): Promise<void>;
  /** Waits until every node that runs, or each of these, shows a chain of at least this height. */
  waitForHeight(height: number, options: Within & { readonly nodes?: readonly string[] }): Promise<void>;
  /**
   * Waits for a condition of your own, looked at 40 times a second.
   * @param look true when it holds; else what was seen, for the error at the deadline
   * @throws CodedError NR-CORE-DEADLINE
   */
  waitFor(what: string, look: () => true | string | Promise<true | string>, options: Within): Promise<void>;
  /**
   * Judges what happened by the plan's expectations, takes everything down, and resolves with what `run.json` holds. Never
   * rejects, and may be called again.
   */
  close(): Promise<RunReport>;
}

const LOOK_MS = 25;

/** Slots that the notes of a transfer may take into the chain: one in 10^9 waits longer where every other slot has a block. */
const NOTE_SLOTS = 30;

/**
 * The handle of a network that is up.
 * @param close ends the run
 */
export function deployedCluster(
  network: Network,
  run: Conductor,
  close: () => Promise<RunReport>,
  isClosed: () => boolean,
): DeployedCluster {
  const { cluster, feed } = network;
  const { clock, plan, signal } = run;
  const { wallets } = network.shared;
  const purse = new Purse(wallets);

  const checkOpen = () => {
    signal.throwIfAborted();
    if (!isClosed()) return;
    throw new CodedError("NR-LIB-CLOSED", `the network of run ${run.runId} was closed`, {
      hint: "Deploy another; its evidence is in the run folder.",
    });
  };
  const wait = async (what: string, look: () => true | string | Promise<true | string>, timeoutMs: number) => {
    await waitFor({
      clock,
      what,
      timeoutMs,
      intervalMs: LOOK_MS,
      signal,
      async look() {
        checkOpen();
        const seen = await look();
        return seen === true ? { done: true, value: undefined } : { done: false, seen };
      },
    });
  };
  const hasTx = (tx: TxHash, depth: number) => {
    const found = feed.txDepth(tx);
    if (found !== undefined && found >= depth) return true;
    const height = `the chain is at height ${feed.head().height}`;
    return found === undefined ? `no block has it, ${height}` : `${found} blocks are on top of it, ${height}`;
  };

  return {
    runId: run.runId,
    plan,
    folder: run.folder,
    logs: join(run.folder, "logs"),
    get events() {
      return run.recorder.events;
    },
    get nodes() {
      return cluster.nodes();
    },
    get running() {
      return cluster.running();
    },
    node: (name) => cluster.node(name),
    control: whileOpen(cluster.control, checkOpen),
    feed,
    wallets,
    balance: (wallet) => purse.balance(wallet),

    async transfer({ from, to, value, via }) {
      checkOpen();
      const node = via === undefined ? cluster.running()[0] : cluster.node(via);
      if (node?.state !== "running") {
        throw new CodedError("NR-LIB-TX", `${via ?? "no node"} is ${via === undefined ? "running" : "stopped"}`, {
          hint: "Start a node first, or name one that runs.",
        });
      }
      const payment = purse.pay(from, to, value);
      try {
        for (const tx of payment.after) {
          const what = `transfer ${tx}, which made a note that ${from.label} spends, to be in the chain`;
          await wait(what, () => hasTx(tx, 0), NOTE_SLOTS * plan.consensus.slotMs);
        }
        const answer = await node.client.submit(payment.signed, { signal });
        if (!answer.accepted) {
          throw new CodedError("NR-LIB-TX", `${node.planned.name} refused transfer ${payment.tx}: ${answer.reason}`);
        }
      } catch (thrown) {
        payment.takeBack();
        throw thrown;
      }
      return { tx: payment.tx, node: node.planned.name };
    },

    async waitForTransaction(tx, { within, depth = 0 }) {
      const on = depth === 0 ? "" : ` with ${depth} blocks on top of it`;
      await wait(`transaction ${tx} to be in the chain${on}`, () => hasTx(tx, depth), durationMs(within));
    },

    async waitForHeight(height, { within, nodes }) {
      if (!Number.isInteger(height)) {
        throw new CodedError("NR-LIB-OPTION", `the height is ${shown(height)}`, { hint: "It is a whole number." });
      }
      for (const name of nodes ?? []) cluster.node(name);
      const heights = () => new Map(feed.views().map((view) => [view.node, view.height]));
      await wait(
        `${nodes?.join(", ") ?? "every node that runs"} to be at height ${height}`,
        () => {
          const seen = heights();
          const names = nodes ?? cluster.running().map(({ planned }) => planned.name);
          const behind = names.filter((name) => (seen.get(name) ?? -1) < height);
          if (names.length > 0 && behind.length === 0) return true;
          return behind.map((name) => `${name} at ${seen.get(name) ?? "no height"}`).join(", ") || "no node runs";
        },
        durationMs(within),
      );
    },

    waitFor: (what, look, { within }) => wait(what, look, durationMs(within)),
    close,
    [Symbol.asyncDispose]: async () => void (await close()),
  };
}

/** The same calls, refused once the network is closed. */
function whileOpen(control: NodeControl, checkOpen: () => void): NodeControl {
  const guarded =
    <A extends readonly unknown[]>(act: (...args: A) => Promise<void>) =>
    async (...args: A): Promise<void> => {
      checkOpen();
      await act(...args);
    };
  return {
    restart: guarded((name, signal) => control.restart(name, signal)),
    stop: guarded((name, signal) => control.stop(name, signal)),
    start: guarded((name, signal) => control.start(name, signal)),
    kill: guarded((name, signal) => control.kill(name, signal)),
    pause: guarded((name, signal) => control.pause(name, signal)),
    resume: guarded((name, signal) => control.resume(name, signal)),
    wipe: guarded((name, signal) => control.wipe(name, signal)),
    setLinks: guarded((conditions, signal) => control.setLinks(conditions, signal)),
    setClockOffset: guarded((name, offsetMs, signal) => control.setClockOffset(name, offsetMs, signal)),
    release: guarded((signal) => control.release(signal)),
  };
}
