import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../core/clock.ts";
import { CodedError } from "../../core/errors.ts";
import type { Inventory } from "../../model/inventory.ts";
import type { Engine } from "./engine.ts";
import { statusOf } from "./errors.ts";
import { type Kernel, kernelCan } from "./packet-filter-kernel.ts";
import { type FilterState, stateOf, tableOf } from "./packet-filter-rules.ts";
import { APPLY, READ } from "./packet-filter-scripts.ts";
import { isDelayed, shapingOf } from "./packet-filter-shaping.ts";
import type { Traffic } from "./packet-filter-traffic.ts";
import { runTools } from "./tools-run.ts";

export interface FiltersOptions {
  readonly runId: string;
  /** Name of the tools' image. */
  readonly image: string;
  /** Name of the network that the peers reach one another in. */
  readonly network: string;
  readonly clock: Clock;
  readonly inventory?: Inventory;
}

/** The packet filters of a run's containers. */
export interface Filters {
  /**
   * Puts a container's traffic under these conditions and no others. The same again does nothing, unless the container was
   * started meanwhile: rules are gone with its end. A paused one takes them too.
   * @returns whether it ran
   * @throws CodedError NR-DOCKER-KERNEL when the engine's kernel can't do it, NR-DOCKER-FILTER when it refuses, and other
   *   NR-DOCKER-*
   */
  apply(container: string, traffic: Traffic): Promise<boolean>;
  /**
   * What the kernel has in force in a container, as a look at it shows; null when it doesn't run.
   * @throws CodedError NR-DOCKER-*
   */
  inForce(container: string): Promise<FilterState | null>;
}

/** The packet filters of a run, in the network namespaces of its containers. Nothing of them is left when those are gone. */
export function openFilters(engine: Engine, options: FiltersOptions): Filters {
  return new ContainerFilters(engine, options);
}

/** One start of a container, as the engine sees it. */
interface Target {
  readonly container: string;
  readonly identity: string;
  /** Hardware address of its interface in the network of the peers. */
  readonly mac: string | undefined;
}

/** Under which conditions one start of a container was put. */
interface Put {
  readonly identity: string;
  readonly traffic: Traffic;
}

const CLEAR: Traffic = { incoming: [], outgoing: [] };

class ContainerFilters implements Filters {
  readonly #engine: Engine;
  readonly #options: FiltersOptions;
  /** What each container was put under; null where nobody knows, since the last try failed. */
  readonly #put = new Map<string, Put | null>();
  /** Starts of containers whose rules are in the inventory. */
  readonly #entered = new Set<string>();
  /** The last act on each container: one at a time. */
  readonly #turns = new Map<string, Promise<boolean>>();

  constructor(engine: Engine, options: FiltersOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  apply(container: string, traffic: Traffic): Promise<boolean> {
    const work = () => this.#apply(container, traffic);
    // Who asked for the one before hears of its failure.
    const turn = (this.#turns.get(container) ?? Promise.resolve(true)).then(work, work);
    this.#turns.set(container, turn);
    return turn;
  }

  async inForce(container: string): Promise<FilterState | null> {
    const target = await this.#look(container);
    if (!target) return null;
    const kernel = await kernelCan(this.#engine, this.#options);
    if (!kernel.cut) return { incoming: [], outgoing: [], shaped: [] };
    const said = await this.#run(target, kernel, READ, []);
    return said === null ? null : stateOf(said);
  }

  async #apply(container: string, traffic: Traffic): Promise<boolean> {
    for (;;) {
      const target = await this.#look(container);
      if (!target) return false;
      if (await this.#putUnder(target, traffic)) return true;
    }
  }

  /** Returns whether it was the same start of the container all the time. */
  async #putUnder(target: Target, traffic: Traffic): Promise<boolean> {
    const { container, identity, mac } = target;
    const last = this.#put.get(container);
    const now = last === null || last?.identity === identity ? last?.traffic : CLEAR;
    if (isDeepStrictEqual(now, traffic)) return true;
    const kernel = await kernelCan(this.#engine, this.#options);
    refuseWhatItCant(kernel, traffic, this.#engine.address.url);
    const shaping = shapingOf(traffic);
    const isShapedAnew = !now || shaping !== shapingOf(now);
    if (shaping !== "" && isShapedAnew && mac === undefined) throw notIn(container, this.#options.network);
    this.#put.set(container, null);
    this.#enter(target);
    const args = [tableOf(traffic, kernel.hasQueue), isShapedAnew ? (mac ?? "") : "", shaping];
    if ((await this.#run(target, kernel, APPLY, args)) === null) return false;
    if ((await this.#look(container))?.identity !== identity) return false;
    this.#put.set(container, { identity, traffic });
    return true;
  }

  /** What a script says in a container's network; null when the container ended meanwhile. */
  async #run(target: Target, kernel: Kernel, script: string, args: readonly string[]): Promise<string | null> {
    const { container, identity } = target;
    const { program, capabilities } = kernel;
    const work = { network: `container:${container}`, capabilities, script, args: [program, ...args] };
    try {
      const { code, said } = await runTools(this.#engine, this.#options, work);
      if (code === 0) return said;
      throw new CodedError("NR-DOCKER-FILTER", `the packet filter of ${container} takes no rules: ${said.trim()}`, {
        hint: "The kernel's log may say more: dmesg.",
      });
    } catch (thrown) {
      if ((await this.#look(container))?.identity === identity) throw thrown;
      return null;
    }
  }

  async #look(container: string): Promise<Target | null> {
    return await this.#engine.does(`look at ${container}`, async (docker) => {
      try {
        const { Id, State, NetworkSettings } = await docker.getContainer(container).inspect();
        if (!State.Running) return null;
        const mac = NetworkSettings.Networks[this.#options.network]?.MacAddress;
        return { container, identity: `${Id.slice(0, 12)} @ ${State.StartedAt}`, mac };
      } catch (thrown) {
        if (statusOf(thrown) === 404) return null;
        throw thrown;
      }
    });
  }

  #enter({ container, identity }: Target): void {
    if (this.#entered.has(identity)) return;
    this.#entered.add(identity);
    const item = {
      kind: "filter",
      id: `filter of ${identity}`,
      name: `packet filter of ${container}`,
      by: "fault",
    } as const;
    this.#options.inventory?.add(item, async () => {
      if ((await this.#look(container))?.identity !== identity) return true;
      const state = await this.inForce(container);
      return !state || state.incoming.length + state.outgoing.length + state.shaped.length === 0;
    });
  }
}

/** @throws CodedError NR-DOCKER-KERNEL for traffic that the kernel at this engine can't make so */
export function refuseWhatItCant(kernel: Kernel, traffic: Traffic, url: string): void {
  const wants = [
    { what: "filter packets", can: kernel.cut, is: true },
    { what: "lose a share of the packets", can: kernel.loss, is: traffic.incoming.some(({ loss }) => loss < 1) },
    { what: "delay packets", can: kernel.delay, is: traffic.outgoing.some(isDelayed) },
    {
      what: "limit bandwidth",
      can: kernel.bandwidth,
      is: traffic.outgoing.some(({ bandwidthKbit }) => bandwidthKbit !== undefined),
    },
  ];
  const lacks = wants.find(({ can, is }) => is && !can);
  if (!lacks) return;
  throw new CodedError("NR-DOCKER-KERNEL", `the kernel at ${url} can't ${lacks.what}: ${kernel.refusals}`, {
    hint: "Load the module that is named, or leave such faults out of the scenario.",
  });
}

function notIn(container: string, network: string): CodedError {
  return new CodedError("NR-DOCKER-FILTER", `${container} is not in the network ${network}`, {
    hint: "Somebody took it out of it: docker network inspect shows who is in it.",
  });
}
