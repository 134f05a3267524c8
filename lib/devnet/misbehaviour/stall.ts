import type { Input, Step } from "../machine/types.ts";
import { Disguise } from "./disguise.ts";
import type { MisbehaviourOf } from "./misbehaviour.ts";

/** A node whose work has come to a stop while its API goes on answering. */
export class Stalls extends Disguise<MisbehaviourOf<"stall">> {
  #stalled = false;

  override handle(input: Input, now: number): Step {
    this.now = Math.max(this.now, now);
    if (!this.begun) return super.handle(input, now);
    const first = !this.#stalled;
    this.#stalled = true;
    const text = `does nothing any more from slot ${this.slot} on`;
    const outputs = first ? [{ type: "log", level: "WARN", target: "nomos_node::misbehaviour", text } as const] : [];
    return { outputs, wake: Number.POSITIVE_INFINITY };
  }
}
