import type { HeaderId } from "../../chain/types.ts";
import type { Clock } from "../../core/clock.ts";
import { formatDuration } from "../../core/duration.ts";
import { CodedError } from "../../core/errors.ts";
import { waitFor } from "../../core/wait.ts";
import type { SeenBlock } from "../../model/feed.ts";
import type { NodeClient } from "../../model/node-client.ts";

/** A node to be attached to. */
export interface FoundNode {
  readonly name: string;
  readonly client: NodeClient;
}

/** Blocks from a tip down to its LIB that are walked at most; a network that finalises lies within them. */
const MOST_STEPS = 10_000;

/**
 * The newest block that is final for every node, with its height.
 * @throws CodedError NR-ATTACH-CHAIN when the nodes are not of one chain
 */
export async function findRoot(nodes: readonly FoundNode[], signal: AbortSignal): Promise<SeenBlock> {
  const chains = await Promise.all(nodes.map((node) => finalBlock(node, signal)));
  const [lowest] = chains.toSorted((a, b) => a.root.height - b.root.height);
  if (!lowest) throw new CodedError("NR-CORE-INTERNAL", "there is no node to attach to");
  const { root } = lowest;
  for (const { node, root: own } of chains) {
    if (await leadsTo(node, own, root, signal)) continue;
    const message = `${node.name} has another chain than ${lowest.node.name}: its final block ${own.id} at height ${own.height} doesn't descend from ${root.id} at height ${root.height}`;
    throw new CodedError("NR-ATTACH-CHAIN", message, { hint: "Name nodes of one network." });
  }
  return root;
}

async function finalBlock(node: FoundNode, signal: AbortSignal): Promise<{ node: FoundNode; root: SeenBlock }> {
  const { tip, lib, height } = await node.client.info({ signal });
  let steps = 0;
  for (let id = tip; id !== lib; steps++) {
    const block = await node.client.block(id, { signal });
    if (!block || steps > MOST_STEPS) {
      const message = `${node.name} doesn't lead from its tip ${tip} to its final block ${lib}: after ${steps} blocks it has no ${id}`;
      throw new CodedError("NR-ATTACH-CHAIN", message);
    }
    id = block.header.parent;
  }
  // Genesis is not stored: nodes have no block of its id.
  const block = await node.client.block(lib, { signal });
  const place = { parent: block?.header.parent ?? "0".repeat(64), slot: block?.header.slot ?? 0 };
  return { node, root: { id: lib, ...place, height: height - steps, txs: [], messages: [] } };
}

/** Whether this node's chain goes from one of its final blocks down to `root`. */
async function leadsTo({ client }: FoundNode, own: SeenBlock, root: SeenBlock, signal: AbortSignal): Promise<boolean> {
  let id: HeaderId = own.id;
  for (let height = own.height; height > root.height; height--) {
    const block = await client.block(id, { signal });
    if (!block) return false;
    id = block.header.parent;
  }
  return id === root.id;
}

/** New tips that tell when the chain's slots begin; fewer could all have come late. */
const TIPS = 3;
/** Slots between the first and the last of them, so that the delay of a look is small beside them. */
const LEAST_SLOTS = 4;
/** How long the chain may stand still: where every other slot has a block, one in 10^12 waits longer. */
const STILL_SLOTS = 40;
/** What measured slots may differ by from planned ones, as factors. */
const TOLERANCE = 1.5;

/**
 * Watches a chain grow and reckons when its slot 0 began: no block can be seen before its slot, so it is the earliest
 * time that all tips agree with.
 * @returns wall time in ms since 1970
 * @throws CodedError NR-ATTACH-CHAIN when it doesn't grow, NR-ATTACH-SLOTS when its slots are of another length
 */
export async function findChainStart(
  { name, client }: FoundNode,
  slotMs: number,
  clock: Clock,
  wallNow: () => number,
  signal: AbortSignal,
): Promise<number> {
  const seen: { readonly slot: number; readonly at: number }[] = [];
  let last = (await client.info({ signal })).slot;
  await waitFor({
    clock,
    what: `the chain of ${name} to grow`,
    timeoutMs: STILL_SLOTS * slotMs,
    intervalMs: Math.max(10, Math.min(200, slotMs / 20)),
    signal,
    code: "NR-ATTACH-CHAIN",
    facets: { hint: "Attach to a network that makes blocks." },
    async look() {
      const { slot, height } = await client.info({ signal });
      if (slot > last) seen.push({ slot, at: wallNow() });
      last = slot;
      const span = slot - (seen[0]?.slot ?? slot);
      if (seen.length >= TIPS && span >= LEAST_SLOTS) return { done: true, value: undefined };
      return { done: false, seen: `height ${height}, slot ${slot}, ${seen.length} new tips` };
    },
  });
  const [first = { slot: 0, at: 0 }] = seen;
  const end = seen.at(-1) ?? first;
  const measured = (end.at - first.at) / (end.slot - first.slot);
  if (measured > slotMs * TOLERANCE || measured < slotMs / TOLERANCE) {
    const message = `the network's slots last about ${formatDuration(Math.round(measured))}, and the plan says ${formatDuration(slotMs)}`;
    throw new CodedError("NR-ATTACH-SLOTS", message, {
      hint: "Give the plan the network's own: CONSENSUS_SLOT_TIME, --profile, or consensus() of the scenario.",
    });
  }
  return Math.min(...seen.map(({ slot, at }) => at - slot * slotMs));
}
