import type { LinkCondition, NodeControl } from "../../model/cluster.ts";
import { combined } from "../../plan/faults/links.ts";

/** What several faults impose on links at once: the network is told of all of them together, one change after another. */
export class LinkBook {
  readonly #faults = new Map<object, readonly LinkCondition[]>();
  #inForce: readonly LinkCondition[] = [];
  #last: Promise<unknown> = Promise.resolve();

  /** Puts the conditions of a fault in force. */
  impose(
    control: NodeControl,
    fault: object,
    conditions: readonly LinkCondition[],
    signal: AbortSignal,
  ): Promise<void> {
    this.#faults.set(fault, conditions);
    return this.#tell(control, signal);
  }

  /** Ends those of a fault. */
  lift(control: NodeControl, fault: object, signal: AbortSignal): Promise<void> {
    this.#faults.delete(fault);
    return this.#tell(control, signal);
  }

  /** What the network was last told, all faults together. The same array until it is told something else. */
  inForce(): readonly LinkCondition[] {
    return this.#inForce;
  }

  #tell(control: NodeControl, signal: AbortSignal): Promise<void> {
    const told = this.#last.then(() => {
      this.#inForce = combined(this.#faults.values());
      return control.setLinks(this.#inForce, signal);
    });
    this.#last = told.catch(() => undefined); // Its caller is told; the next change is made all the same.
    return told;
  }
}
