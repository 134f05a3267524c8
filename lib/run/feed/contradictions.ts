import type { ChainInfo } from "../../chain/types.ts";
import type { EventData } from "../../model/events.ts";
import type { BlockTree } from "./block-tree.ts";

type Contradiction = Pick<EventData<"node.contradiction">, "about" | "said" | "seen">;

/** Where what a node says of its tip, which the tree has, is not what the tip's blocks say. */
export function contradictions({ tip: tipId, height, slot, lib }: ChainInfo, tree: BlockTree): Contradiction[] {
  const tip = tree.get(tipId);
  if (!tip) return [];
  const found: Contradiction[] = [];
  if (tip.height !== height) found.push({ about: "height", said: String(height), seen: String(tip.height) });
  if (tip.slot !== slot) found.push({ about: "slot", said: String(slot), seen: String(tip.slot) });
  const final = tree.get(lib);
  // A LIB that nobody has shown yet is looked at when it has been.
  if (final && tree.ancestorAt(tipId, final.height) !== lib) {
    found.push({ about: "lib", said: lib, seen: `${tree.ancestorAt(tipId, final.height)} at height ${final.height}` });
  }
  return found;
}
