import assert from "node:assert/strict";
import type { HeaderId } from "../../../lib/chain/types.ts";
import type { VirtualNetwork } from "../../../lib/deployers/simulation/virtual-network.ts";
import type { Machine } from "../../../lib/devnet/machine/types.ts";
import { type Divergence, findDivergence } from "../../../lib/evidence/agreement.ts";

/** Watches what each node calls final, over its restarts: it never takes anything back, and no value is made or lost. */
export class FinalityWatch {
  readonly #network: VirtualNetwork;
  readonly #supply: bigint;
  readonly #genesis: HeaderId;
  readonly #chains = new Map<string, Map<number, HeaderId>>();
  readonly #weighed = new Set<HeaderId>();

  constructor(network: VirtualNetwork, genesis: HeaderId, supply: bigint) {
    this.#network = network;
    this.#genesis = genesis;
    this.#supply = supply;
  }

  /** Looks at every node that runs. */
  look(): void {
    for (const [name, machine] of this.#network.running()) this.#lookAt(name, machine);
  }

  #lookAt(name: string, machine: Machine): void {
    const { lib } = machine.info();
    const chain = this.#chains.get(name) ?? new Map<number, HeaderId>([[0, this.#genesis]]);
    this.#chains.set(name, chain);
    const known = chain.size - 1;
    if (chain.get(known) === lib) return;
    const fresh: HeaderId[] = [];
    for (let id = lib; id !== chain.get(known); ) {
      const block = machine.block(id);
      assert.ok(block, `${name}: the LIB ${lib} does not descend from the one before, ${chain.get(known)}`);
      fresh.push(id);
      id = block.header.parent;
    }
    fresh.reverse().forEach((id, i) => chain.set(known + 1 + i, id));
    if (this.#weighed.has(lib)) return;
    this.#weighed.add(lib);
    assert.equal(machine.totalValue(), this.#supply, `${name}: value at LIB ${lib}`);
  }

  /** Where two nodes differ in what is final, if anywhere. */
  divergence(): Divergence | null {
    return findDivergence([...this.#chains].map(([node, blocks]) => ({ node, blocks })));
  }

  /** Height of the lowest and the highest LIB seen. */
  heights(): { least: number; most: number } {
    const heights = [...this.#chains.values()].map((chain) => chain.size - 1);
    return { least: Math.min(...heights), most: Math.max(...heights) };
  }
}
