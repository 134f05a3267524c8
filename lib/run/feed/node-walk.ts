import { messageId, txHash } from "../../chain/suite.ts";
import type { Block, HeaderId } from "../../chain/types.ts";
import { CodedError } from "../../core/errors.ts";
import type { SeenBlock } from "../../model/feed.ts";
import type { NodeClient } from "../../model/node-client.ts";

/**
 * Asks a node for the blocks that lead from one that is known to `tip`, oldest first and without heights.
 * @throws CodedError NR-RUN-FEED when the node doesn't have a block of its own chain.
 */
export async function walkBack(
  client: NodeClient,
  tip: HeaderId,
  known: (id: HeaderId) => boolean,
  signal: AbortSignal,
): Promise<Block[]> {
  const blocks: Block[] = [];
  for (let id = tip; !known(id); ) {
    const block = await client.block(id, { signal });
    if (!block) throw new CodedError("NR-RUN-FEED", `the node has no block ${id}, which its own chain needs`);
    blocks.push(block);
    id = block.header.parent;
  }
  return blocks.reverse();
}

/** What the feed keeps of a block. */
export function seenBlock(block: Block, height: number): SeenBlock {
  return {
    id: block.id,
    parent: block.header.parent,
    height,
    slot: block.header.slot,
    txs: block.txs.map((signed) => txHash(signed.tx)),
    messages: block.txs.flatMap(({ tx }) =>
      tx.ops.map((op) => ({ channel: op.channel, id: messageId(op), blob: op.type === "blob" ? op.blob : null })),
    ),
  };
}
