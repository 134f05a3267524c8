import { electorateOf, type Leader, leaderOf, leads, sealBlock } from "../../../lib/chain/leadership.ts";
import type { Block, HeaderId, SignedTx } from "../../../lib/chain/types.ts";
import type { World } from "./network.ts";

/** Makes blocks by hand, as a dishonest leader could. */
export class Forge {
  readonly #world: World;
  readonly #leaders: ReadonlyMap<string, Leader>;

  constructor(world: World) {
    this.#world = world;
    this.#leaders = new Map(world.names.map((name) => [name, leaderOf(world.config(name).identity.leaderSecret)]));
  }

  leader(name: string): Leader {
    const leader = this.#leaders.get(name);
    if (!leader) throw new Error(`no leader ${name}`);
    return leader;
  }

  leads(name: string, slot: number): boolean {
    const { genesis, config } = this.#world;
    return leads(this.leader(name), electorateOf(genesis), config(name).consensus, slot);
  }

  /** The first slot from `from` in which somebody leads, and who. */
  winner(from: number): { name: string; slot: number } {
    for (let slot = from; ; slot++) {
      const name = this.#world.names.find((one) => this.leads(one, slot));
      if (name) return { name, slot };
    }
  }

  /** Somebody who does not lead in the slot. */
  loser(slot: number): string {
    const name = this.#world.names.find((one) => !this.leads(one, slot));
    if (!name) throw new Error(`everybody leads slot ${slot}`);
    return name;
  }

  block(name: string, slot: number, parent: HeaderId = this.#world.genesis.id, txs: readonly SignedTx[] = []): Block {
    return sealBlock(this.leader(name), electorateOf(this.#world.genesis), parent, slot, txs);
  }
}
