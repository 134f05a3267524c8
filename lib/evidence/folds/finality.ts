import type { HeaderId } from "../../chain/types.ts";
import type { RunEvent } from "../../model/events.ts";
import type { FinalChain } from "../agreement.ts";
import { foldChain, type SeenEvent } from "./chain.ts";

/** What was seen to become final. */
export interface FinalityEvidence {
  /**
   * One chain a node; a node that took back what it called final has one more for each time that it did, since then it
   * disagrees with itself.
   */
  readonly chains: readonly FinalChain[];
  /** When a height was first at or below some node's LIB, ms; undefined when it never was. */
  finalAt(height: number): number | undefined;
}

/** Follows every node's LIB over the stream, up to the event `untilSeq`. */
export function foldFinality(events: readonly RunEvent[], untilSeq = Number.POSITIVE_INFINITY): FinalityEvidence {
  const { blocks } = foldChain(events, untilSeq);
  const current = new Map<string, Map<number, HeaderId>>();
  const chains: FinalChain[] = [];
  const finalAt: number[] = [];
  for (const event of events) {
    if (event.seq > untilSeq) break;
    if (event.type !== "chain.view") continue;
    const known = current.get(event.node);
    const chain = known && agrees(known, blocks, event.lib) ? known : new Map<number, HeaderId>();
    if (chain !== known) {
      current.set(event.node, chain);
      chains.push({ node: event.node, blocks: chain });
    }
    enter(chain, blocks, event.lib);
    const height = blocks.get(event.lib)?.height ?? event.libHeight;
    while (height !== null && finalAt.length <= height) finalAt.push(event.t);
  }
  return { chains, finalAt: (height) => finalAt[height] };
}

/** Whether the LIB's chain has, at every height where the node called something final, the same block. */
function agrees(
  chain: ReadonlyMap<number, HeaderId>,
  blocks: ReadonlyMap<HeaderId, SeenEvent>,
  lib: HeaderId,
): boolean {
  for (let block = blocks.get(lib); block; block = blocks.get(block.parent)) {
    const known = chain.get(block.height);
    if (known !== undefined) return known === block.block;
  }
  return true;
}

/** Enters the LIB and its ancestors, down to one that is entered already. */
function enter(chain: Map<number, HeaderId>, blocks: ReadonlyMap<HeaderId, SeenEvent>, lib: HeaderId): void {
  for (let block = blocks.get(lib); block && !chain.has(block.height); block = blocks.get(block.parent)) {
    chain.set(block.height, block.block);
  }
}
