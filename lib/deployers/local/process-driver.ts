import { access, rm } from "node:fs/promises";
import { CodedError } from "../../core/errors.ts";
import { processUsage } from "../../host/process-usage.ts";
import { lookAt, processesOf } from "../../host/processes.ts";
import type { BoundNode } from "../../model/binding.ts";
import type { ProcessObservation, ProcessUsage } from "../../model/cluster.ts";
import type { NodeConditions } from "../../model/conditions.ts";
import type { Inventory } from "../../model/inventory.ts";
import type { Exit, SpawnedProcess, Spawner } from "../../model/spawner.ts";
import type { NodeDriver, NodeExit, StartedNode, StartMark } from "../managed/driver.ts";
import { listenAddresses } from "./addresses.ts";
import type { DeliveredNode } from "./deliver.ts";
import { firstTaken } from "./listeners.ts";
import { describeTaken } from "./reserve.ts";

/** Exit code of a node that could not listen on one of its ports; its log says `NR-NODE-PORT`. */
const EXIT_PORT_TAKEN = 3;

export interface ProcessDriverOptions {
  readonly runId: string;
  readonly files: DeliveredNode;
  readonly bound: BoundNode;
  readonly spawner: Spawner;
  readonly inventory: Inventory;
}

/** Drives a node that is a process of this machine. */
export class ProcessDriver implements NodeDriver {
  readonly #options: ProcessDriverOptions;
  #process: SpawnedProcess | null = null;

  constructor(options: ProcessDriverOptions) {
    this.#options = options;
  }

  async redeliver(conditions: NodeConditions): Promise<void> {
    await this.#options.files.redeliver(conditions);
  }

  async start({ start, by }: StartMark): Promise<StartedNode> {
    const { files, spawner, inventory } = this.#options;
    const process = await spawner.spawn(files.spec);
    this.#process = process;
    const handle = `pid ${process.pid}`;
    inventory.add(
      { kind: "process", id: `${handle} @ ${process.startTicks}`, name: `${files.planned.name}, start ${start}`, by },
      async () => lookAt(process) === null,
    );
    return {
      handle,
      exited: process.exited.then((exit) => this.#explained(exit)),
      signal: (signal) => spawner.signal(process.pid, signal),
      look: async () => lookAt(process),
    };
  }

  async checkAddresses(): Promise<void> {
    const taken = await firstTaken(listenAddresses(this.#options.bound));
    if (!taken) return;
    throw new CodedError(
      "NR-LOCAL-PORT-TAKEN",
      `${this.#options.files.planned.name} can't start: ${describeTaken(taken)}`,
      { hint: "End that program; nodes keep their addresses for the whole run." },
    );
  }

  async wipe(): Promise<void> {
    await Promise.all(this.#options.files.state.map((path) => rm(path, { recursive: true, force: true })));
  }

  async hasState(): Promise<boolean> {
    const looks = await Promise.allSettled(this.#options.files.state.map((path) => access(path)));
    return looks.some(({ status }) => status === "fulfilled");
  }

  /** Looks for the node's process among all of the machine's by its marks. */
  async observe(): Promise<ProcessObservation> {
    const { name } = this.#options.bound;
    const found = processesOf(this.#options.runId).find(({ role, node }) => role === "node" && node === name);
    if (!found) return { alive: false, paused: false, identity: null };
    return { alive: true, paused: found.paused, identity: `pid ${found.pid} @ ${found.startTicks}` };
  }

  async usage(): Promise<ProcessUsage | null> {
    const process = this.#process;
    return process && lookAt(process) ? processUsage(process.pid) : null;
  }

  async #explained({ code, signal }: Exit): Promise<NodeExit> {
    if (code === null || code === 0) return { code, signal };
    const ours = code === EXIT_PORT_TAKEN;
    const taken = await firstTaken(listenAddresses(this.#options.bound));
    if (!taken && !ours) return { code, signal };
    const what = taken ? describeTaken(taken) : "a port was taken and is free again";
    // Programs of other kinds end with codes of their own: that one of its ports is taken is all that can be said.
    const before = ours ? "" : `exit code ${code}, and `;
    return { code, signal, why: `NR-LOCAL-PORT-TAKEN: ${before}${what}` };
  }
}
