import { ledgerHash, noteId, txHash } from "../chain/suite.ts";
import type { Block, HeaderId } from "../chain/types.ts";
import { CodedError } from "../core/errors.ts";
import { waitFor } from "../core/wait.ts";
import type { RunningNode } from "../model/cluster.ts";
import type { EventData } from "../model/events.ts";
import type { RunContext } from "../model/run-context.ts";

/** How long a node may take to answer one question. */
const CALL_TIMEOUT_MS = 5_000;
/** Wallets that one node is asked for at the same time. */
const READERS = 8;
/** How often a node is asked again because its tip moved in the meantime. */
const TRIES = 10;
/** Slots that mempools are given to empty out, and the feed to see a tip. */
const PATIENCE_SLOTS = 10;

/**
 * Records what conservation is judged by: the genesis' wallets, what each node holds in its mempool and gives for every
 * wallet's balance at its tip, and the transfers of every block that those tips stand on.
 */
export async function readBalances(ctx: RunContext): Promise<void> {
  const wallets = ctx.wallets.map(({ label, pk, note, value }) => ({ wallet: label, pk, note, value: String(value) }));
  ctx.events.emit("wallets.funded", { wallets });
  const nodes = ctx.cluster.running();
  const tips = await Promise.all(
    nodes.map(async (node) => {
      ctx.events.emit("node.mempool", { node: node.planned.name, pending: await emptied(ctx, node) });
      if (node.planned.role !== "validator") return null;
      const read = await balancesOf(ctx, node);
      ctx.events.emit("node.balances", read);
      return read.tip;
    }),
  );
  await recordTransfers(ctx, new Set(tips.filter((tip) => tip !== null)));
}

/** Waits for an empty mempool; gives up with what is still in it. */
async function emptied({ clock, plan, signal }: RunContext, { client }: RunningNode): Promise<number> {
  const until = clock.now() + PATIENCE_SLOTS * plan.consensus.slotMs;
  for (;;) {
    const { pendingItems } = await client.mempool({ timeoutMs: CALL_TIMEOUT_MS, signal });
    if (pendingItems === 0 || clock.now() >= until) return pendingItems;
    await clock.sleep(plan.consensus.slotMs / 2, signal);
  }
}

/** All balances at one tip. @throws CodedError NR-RUN-FEED when the tip keeps moving */
async function balancesOf(ctx: RunContext, { client, planned }: RunningNode): Promise<EventData<"node.balances">> {
  const options = { timeoutMs: CALL_TIMEOUT_MS, signal: ctx.signal };
  for (let i = 0; i < TRIES; i++) {
    const { tip } = await client.info(options);
    const balances: Record<string, string | null> = {};
    const left = [...ctx.wallets];
    const reader = async () => {
      for (let wallet = left.pop(); wallet; wallet = left.pop()) {
        const balance = await client.balance(wallet.pk, options);
        balances[wallet.label] = balance === null ? null : String(balance);
      }
    };
    await Promise.all(Array.from({ length: READERS }, reader));
    if ((await client.info(options)).tip === tip) return { node: planned.name, tip, balances };
  }
  throw new CodedError("NR-RUN-FEED", `${planned.name} moved on ${TRIES} times while its balances were read`);
}

/** Records each block that leads to one of these tips once, when it holds a transaction. */
async function recordTransfers(ctx: RunContext, tips: ReadonlySet<HeaderId>): Promise<void> {
  const { feed, clock, plan, signal } = ctx;
  const known = new Set<HeaderId>();
  for (const tip of tips) {
    await waitFor({
      clock,
      what: `block ${tip} to be seen`,
      timeoutMs: PATIENCE_SLOTS * plan.consensus.slotMs,
      intervalMs: plan.consensus.slotMs / 4,
      signal,
      look: () => (feed.block(tip) ? { done: true, value: undefined } : { done: false, seen: "it is not in the feed" }),
    });
    for (let seen = feed.block(tip); seen && !known.has(seen.id); seen = feed.block(seen.parent)) {
      known.add(seen.id);
      if (seen.txs.length === 0) continue;
      ctx.events.emit("block.transfers", { block: seen.id, transfers: transfersOf(await fetchBlock(ctx, seen.id)) });
    }
  }
}

async function fetchBlock({ cluster, signal }: RunContext, id: HeaderId): Promise<Block> {
  for (const { client } of cluster.running()) {
    const block = await client.block(id, { timeoutMs: CALL_TIMEOUT_MS, signal });
    if (block) return block;
  }
  throw new CodedError("NR-RUN-FEED", `no running node has the block ${id}`);
}

function transfersOf({ txs }: Block): EventData<"block.transfers">["transfers"] {
  return txs.map(({ tx }) => {
    const hash = ledgerHash(tx.ledger);
    const outputs = tx.ledger.outputs.map(({ value, pk }, i) => ({
      note: noteId(hash, i, value, pk),
      pk,
      value: String(value),
    }));
    return { tx: txHash(tx), inputs: [...tx.ledger.inputs], outputs };
  });
}
