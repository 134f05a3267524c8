import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { decodeBlock } from "../../lib/chain/binary.ts";
import { txHash } from "../../lib/chain/suite.ts";
import type { RunEvent } from "../../lib/model/events.ts";

/** A block as a store or the feed knows it, in a form that can be compared. */
export interface PlainBlock {
  readonly id: string;
  readonly parent: string;
  readonly slot: number;
  readonly txs: readonly string[];
}

/** Every block in the store of a node that has ended, by id. */
export function storedBlocks(folder: string, node: string): ReadonlyMap<string, PlainBlock> {
  const database = new DatabaseSync(join(folder, "nodes", node, "state/node.db"), { readOnly: true });
  try {
    const rows = database.prepare("SELECT bytes FROM blocks").all() as { bytes: Uint8Array }[];
    return new Map(
      rows.map(({ bytes }) => {
        const { id, header, txs } = decodeBlock(bytes);
        return [id, { id, parent: header.parent, slot: header.slot, txs: txs.map(({ tx }) => txHash(tx)) }];
      }),
    );
  } finally {
    database.close();
  }
}

/** Every block that the feed recorded, by id. */
export function recordedBlocks(events: readonly RunEvent[]): ReadonlyMap<string, PlainBlock> {
  return new Map(
    events.flatMap((event) =>
      event.type === "block.seen"
        ? [[event.block, { id: event.block, parent: event.parent, slot: event.slot, txs: event.txs }] as const]
        : [],
    ),
  );
}

/** The chain that ends in `tip`, newest first, as far as `blocks` has it. */
export function chainOf(blocks: ReadonlyMap<string, PlainBlock>, tip: string): readonly PlainBlock[] {
  const chain: PlainBlock[] = [];
  for (let block = blocks.get(tip); block; block = blocks.get(block.parent)) chain.push(block);
  return chain;
}
