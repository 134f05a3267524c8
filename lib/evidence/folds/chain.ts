import type { HeaderId } from "../../chain/types.ts";
import type { EventOf, RunEvent } from "../../model/events.ts";

/** A block as it was recorded at first sight. */
export type SeenEvent = EventOf<"block.seen">;

/** What a run saw of the chain. */
export interface ChainEvidence {
  /** Every block that any node showed, on any branch. */
  readonly blocks: ReadonlyMap<HeaderId, SeenEvent>;
  /** The canonical chain at the end, lowest first, as far down as its blocks were seen. */
  readonly canonical: readonly SeenEvent[];
  isCanonical(id: HeaderId): boolean;
}

interface View {
  readonly tip: HeaderId;
  readonly height: number;
}

/**
 * The chain as it stood after the event `untilSeq`. Canonical is what the block feed calls so: the longest chain that a
 * node which has not ended shows, of equally long ones that with the smaller tip id. When no node is left, it is the
 * last one there was.
 */
export function foldChain(events: readonly RunEvent[], untilSeq = Number.POSITIVE_INFINITY): ChainEvidence {
  const blocks = new Map<HeaderId, SeenEvent>();
  const views = new Map<string, View>();
  let head: View | undefined;
  for (const event of events) {
    if (event.seq > untilSeq) break;
    if (event.type === "block.seen" && !blocks.has(event.block)) blocks.set(event.block, event);
    if (event.type === "chain.view") views.set(event.node, event);
    if (event.type === "node.ended") views.delete(event.node);
    if (event.type === "chain.view" || event.type === "node.ended") head = best(views) ?? head;
  }
  const canonical = head ? branchOf(blocks, head.tip) : [];
  const ids = new Set(canonical.map(({ block }) => block));
  return { blocks, canonical, isCanonical: (id) => ids.has(id) };
}

function best(views: ReadonlyMap<string, View>): View | undefined {
  let found: View | undefined;
  for (const view of views.values()) {
    if (!found || view.height > found.height || (view.height === found.height && view.tip < found.tip)) found = view;
  }
  return found;
}

/** The blocks that lead to `tip`, lowest first, down to the first that was not seen. */
export function branchOf(blocks: ReadonlyMap<HeaderId, SeenEvent>, tip: HeaderId): SeenEvent[] {
  const branch: SeenEvent[] = [];
  for (let block = blocks.get(tip); block; block = blocks.get(block.parent)) branch.push(block);
  return branch.reverse();
}
