import type { Clock } from "../../core/clock.ts";
import type { Engine } from "../../host/docker/engine.ts";
import { type Filters, openFilters, refuseWhatItCant } from "../../host/docker/packet-filter.ts";
import { type KernelCan, kernelCan } from "../../host/docker/packet-filter-kernel.ts";
import { type Traffic, trafficOf } from "../../host/docker/packet-filter-traffic.ts";
import { toolsImage } from "../../host/docker/tools-image.ts";
import type { BoundNode } from "../../model/binding.ts";
import type { Capability } from "../../model/capability.ts";
import type { FilteredPeer, LinkCondition } from "../../model/cluster.ts";
import type { Inventory } from "../../model/inventory.ts";

/** The engine whose kernel makes faults, and the run that they are of. */
export interface FaultPlace {
  readonly engine: Engine;
  readonly runId: string;
  readonly clock: Clock;
}

/** Some line of limited bandwidth. */
const NARROW: Traffic = {
  incoming: [],
  outgoing: [{ to: "127.0.0.2", cut: false, delayMs: 0, jitterMs: 0, bandwidthKbit: 1_000 }],
};

interface RunLinksOptions extends FaultPlace {
  readonly inventory: Inventory;
  /** Name of the network that the nodes reach one another in. */
  readonly peers: string;
  readonly nodes: readonly BoundNode[];
}

/** Looks whether faults of links can be made, before anything is. @throws CodedError NR-DOCKER-TOOLS, NR-DOCKER-KERNEL, and other NR-DOCKER-* */
export async function checkTools({ engine, runId, clock }: FaultPlace, needs: readonly Capability[]): Promise<void> {
  const { name: image } = await toolsImage(engine, { clock });
  const kernel = await kernelCan(engine, { runId, image, clock });
  // What else a kernel can't do is left to the nodes, if they can.
  if (needs.includes("link.bandwidth")) refuseWhatItCant(kernel, NARROW, engine.address.url);
}

/** The links of a run, opened when a fault first needs them: few runs do. */
export class LinksOnDemand {
  readonly #options: RunLinksOptions;
  #opening: Promise<RunLinks> | undefined;
  #opened: RunLinks | null = null;

  constructor(options: RunLinksOptions) {
    this.#options = options;
  }

  /** Null until a fault has opened them. */
  get opened(): RunLinks | null {
    return this.#opened;
  }

  /** @throws CodedError NR-DOCKER-TOOLS, and other NR-DOCKER-* */
  async open(): Promise<RunLinks> {
    this.#opening ??= RunLinks.open(this.#options);
    this.#opened = await this.#opening;
    return this.#opened;
  }
}

/** Conditions of the links between a run's containers: what the kernel below them can, it does; the rest is the nodes' own. */
class RunLinks {
  readonly #filters: Filters;
  readonly #can: KernelCan;
  readonly #addresses: ReadonlyMap<string, string>;

  private constructor(filters: Filters, can: KernelCan, nodes: readonly BoundNode[]) {
    this.#filters = filters;
    this.#can = can;
    this.#addresses = new Map(nodes.map(({ name, host }) => [name, host]));
  }

  /** @throws CodedError NR-DOCKER-TOOLS, and other NR-DOCKER-* */
  static async open(options: RunLinksOptions): Promise<RunLinks> {
    const { engine, runId, clock, inventory, peers, nodes } = options;
    const { name: image } = await toolsImage(engine, { clock });
    const filters = openFilters(engine, { runId, image, network: peers, clock, inventory });
    return new RunLinks(filters, await kernelCan(engine, { runId, image, clock }), nodes);
  }

  /** What is left to the nodes themselves. */
  ownLinks(links: readonly LinkCondition[]): readonly LinkCondition[] {
    return links.flatMap((link) => {
      const own = {
        ...link,
        ...(this.#loses(link) && { loss: 0 }),
        ...(this.#can.delay && { delayMs: 0, jitterMs: 0 }),
      };
      return own.loss > 0 || own.delayMs > 0 || own.jitterMs > 0 ? [own] : [];
    });
  }

  /** Whether nothing may get through to this node, or from it, over some link. */
  isCut(node: string, links: readonly LinkCondition[]): boolean {
    return links.some((link) => link.loss === 1 && (link.from === node || link.to === node) && this.#loses(link));
  }

  /** Lets nothing through that a cut link would carry, before the node is in the network of its peers. */
  async cut(node: string, container: string, links: readonly LinkCondition[]): Promise<void> {
    const { incoming, outgoing } = this.#trafficOf(node, links);
    const cuts = outgoing.filter(({ cut }) => cut).map(({ to }) => ({ to, cut: true, delayMs: 0, jitterMs: 0 }));
    await this.#filters.apply(container, { incoming, outgoing: cuts });
  }

  /** Puts a node's container under these conditions and no others. One that doesn't run is left alone. */
  async apply(node: string, container: string, links: readonly LinkCondition[]): Promise<void> {
    await this.#filters.apply(container, this.#trafficOf(node, links));
  }

  /** What the kernel has taken from a node's traffic; null when it doesn't run. */
  async filtered(container: string): Promise<readonly FilteredPeer[] | null> {
    const state = await this.#filters.inForce(container);
    if (!state) return null;
    const names = new Map([...this.#addresses].map(([name, host]) => [host, name]));
    const named = (address: string) => names.get(address) ?? address;
    return [
      ...state.incoming.map(({ from, seen, dropped }) => ({ peer: named(from), way: "in" as const, seen, dropped })),
      ...state.outgoing.map(({ to, dropped }) => ({ peer: named(to), way: "out" as const, seen: dropped, dropped })),
      ...state.shaped.map(({ to, kbit, bytes, sent, waited, dropped }) => ({
        peer: named(to),
        way: "out" as const,
        seen: sent + dropped,
        dropped,
        line: { kbit, bytes, waited },
      })),
    ];
  }

  #loses({ loss }: LinkCondition): boolean {
    return loss === 1 ? this.#can.cut : this.#can.loss;
  }

  #trafficOf(node: string, links: readonly LinkCondition[]): Traffic {
    const kernels = links.map((link) => ({
      ...link,
      ...(!this.#loses(link) && { loss: 0 }),
      ...(!this.#can.delay && { delayMs: 0, jitterMs: 0 }),
    }));
    return trafficOf(node, kernels, (name) => this.#addresses.get(name) ?? name);
  }
}
