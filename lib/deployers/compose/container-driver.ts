import { CodedError, errorText } from "../../core/errors.ts";
import type { ContainerExit, NodeContainer, StartedContainer } from "../../host/docker/container.ts";
import { publishedPorts } from "../../host/docker/container-settings.ts";
import type { Engine } from "../../host/docker/engine.ts";
import { type EngineThing, isGone, itemId, shortId } from "../../host/docker/things.ts";
import type { BoundNode } from "../../model/binding.ts";
import type { FilteredPeer, LinkCondition, ProcessObservation, ProcessUsage } from "../../model/cluster.ts";
import type { NodeConditions } from "../../model/conditions.ts";
import type { Inventory } from "../../model/inventory.ts";
import type { RenderedFile } from "../../model/node-kind.ts";
import { firstTaken } from "../local/listeners.ts";
import { describeTaken } from "../local/reserve.ts";
import type { NodeDriver, NodeExit, StartedNode, StartMark } from "../managed/driver.ts";
import type { LinksOnDemand } from "./run-links.ts";

export interface ContainerDriverOptions {
  readonly engine: Engine;
  readonly bound: BoundNode;
  readonly container: NodeContainer;
  readonly inventory: Inventory;
  readonly links: LinksOnDemand;
  /** Its files under these conditions. */
  files(conditions: NodeConditions): readonly RenderedFile[];
}

/** Drives a node that is a container. */
export class ContainerDriver implements NodeDriver {
  readonly #options: ContainerDriverOptions;
  /** Containers of its whose removal is our own doing, by the engine's id. */
  readonly #removed = new Set<string>();
  #isMade = false;
  /** Conditions that are in force now. */
  #conditions: readonly LinkCondition[] = [];

  constructor(options: ContainerDriverOptions) {
    this.#options = options;
  }

  /** Whether it was us who removed this container of it. */
  hasRemoved(id: string): boolean {
    return this.#removed.has(id);
  }

  async redeliver(conditions: NodeConditions): Promise<void> {
    await this.#options.container.deliver(this.#options.files(conditions));
  }

  async start({ by }: StartMark): Promise<StartedNode> {
    const { container } = this.#options;
    if (!this.#isMade) await this.#make(by);
    const { exited } = await this.#startFiltered();
    return {
      handle: `container ${shortId(container.id ?? "")}`,
      exited: exited.then(exitOf, (thrown: unknown) => ({ code: null, signal: null, why: errorText(thrown) })),
      signal: (signal) => container.signal(signal),
      look: () => container.look(),
    };
  }

  async filter(conditions: readonly LinkCondition[]): Promise<void> {
    const { bound, container, links } = this.#options;
    const isClear = conditions.length + this.#conditions.length === 0;
    this.#conditions = conditions;
    if (isClear || !this.#isMade) return;
    await (await links.open()).apply(bound.name, container.name, conditions);
  }

  async filtered(): Promise<readonly FilteredPeer[] | null> {
    const { container, links } = this.#options;
    return await (await links.open()).filtered(container.name);
  }

  /** On another machine only the engine can tell, at the start. */
  async checkAddresses(): Promise<void> {
    const { bound, engine } = this.#options;
    if (!engine.address.url.startsWith("unix://")) return;
    const taken = await firstTaken(publishedPorts(bound).map(({ hostIp: host, hostPort: port }) => ({ host, port })));
    if (!taken) return;
    throw new CodedError("NR-DOCKER-PORT", `${bound.name} can't start: ${describeTaken(taken)}`, {
      hint: "End that program; nodes keep their addresses for the whole run.",
    });
  }

  async wipe(): Promise<void> {
    const { container } = this.#options;
    if (container.id !== null) this.#removed.add(container.id);
    this.#isMade = false;
    await container.remove();
  }

  async hasState(): Promise<boolean> {
    return this.#isMade && (await this.#options.container.hasState());
  }

  async observe(): Promise<ProcessObservation> {
    const look = await this.#options.container.look();
    return look ? { alive: true, ...look } : { alive: false, paused: false, identity: null };
  }

  async usage(): Promise<ProcessUsage | null> {
    return await this.#options.container.usage();
  }

  /**
   * A start makes a new network namespace, without any rules. A node with a cut link is out of its peers' network until they are
   * there, so that not one packet gets across.
   */
  async #startFiltered(): Promise<StartedContainer> {
    const { bound, container } = this.#options;
    const conditions = this.#conditions;
    if (conditions.length === 0) return await container.start();
    const links = await this.#options.links.open();
    const isCut = links.isCut(bound.name, conditions);
    if (isCut) await container.leavePeers();
    const started = await container.start();
    if (isCut) {
      await links.cut(bound.name, container.name, conditions);
      await container.joinPeers();
    }
    await links.apply(bound.name, container.name, conditions);
    return started;
  }

  async #make(by: StartMark["by"]): Promise<void> {
    const { engine, container, inventory } = this.#options;
    const thing: EngineThing = { kind: "container", id: await container.create() };
    inventory.add({ kind: "container", id: itemId(engine, thing), name: container.name, by }, () =>
      isGone(engine, thing),
    );
    await container.furnish();
    this.#isMade = true;
  }
}

function exitOf({ memoryBytes, ...exit }: ContainerExit): NodeExit {
  if (memoryBytes === undefined) return exit;
  const most = Number((memoryBytes / 2 ** 20).toFixed(1));
  return { ...exit, why: `${exit.signal}, out of memory: its container may take ${most} MiB` };
}
