import type { HeaderId } from "../../chain/types.ts";
import type { EventOf, RunEvent } from "../../model/events.ts";
import type { SeenEvent } from "./chain.ts";

/** Two blocks or more that one leader made for one slot. */
export interface Equivocation {
  readonly leader: string;
  readonly slot: number;
  /** In the order in which they were first seen. */
  readonly blocks: readonly SeenEvent[];
}

/** What nodes said and signed that can't all be true. */
export interface Contradictions {
  readonly equivocations: readonly Equivocation[];
  /** What a node said of its chain against what its blocks say. */
  readonly statements: readonly EventOf<"node.contradiction">[];
  /** Blocks whose headers show who made them. */
  readonly signed: number;
  /** Looks at a node's chain that were held against its blocks. */
  readonly looks: number;
}

/** Reads the whole stream, for a contradiction is one whenever it was seen. */
export function foldContradictions(events: readonly RunEvent[]): Contradictions {
  const blocks = new Map<HeaderId, SeenEvent>();
  const bySlot = new Map<string, SeenEvent[]>();
  const statements: EventOf<"node.contradiction">[] = [];
  const wiped = new Set<string>();
  const ahead = new Set<string>();
  let signed = 0;
  let looks = 0;
  for (const event of events) {
    if (event.type === "chain.view") looks++;
    if (event.type === "fault.started" && event.kind === "wipe") wiped.add(event.target);
    if (event.type === "node.clock" && event.offsetMs > 0) ahead.add(event.node);
    if (event.type === "node.contradiction") statements.push(event);
    if (event.type !== "block.seen" || event.leader === undefined || blocks.has(event.block)) continue;
    blocks.set(event.block, event);
    signed++;
    const key = `${event.slot}/${event.leader}`;
    const known = bySlot.get(key);
    if (known) known.push(event);
    else bySlot.set(key, [event]);
  }
  const equivocations = [...bySlot.values()].flatMap((found) => {
    const [first] = found;
    // Who came to a slot too early, and then forgot that it had, signs for it again in good faith.
    const excused = first?.leader !== undefined && wiped.has(first.leader) && ahead.has(first.leader);
    return first?.leader !== undefined && found.length > 1 && !excused
      ? [{ leader: first.leader, slot: first.slot, blocks: found }]
      : [];
  });
  return { equivocations, statements, signed, looks };
}
