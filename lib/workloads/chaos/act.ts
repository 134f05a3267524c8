import type { Look } from "../../core/wait.ts";
import type { RunContext } from "../../model/run-context.ts";

/** What a fault does to the network, what shows that it took effect, and what undoes it. */
export interface Act {
  /** Makes the fault. */
  begin(ctx: RunContext): Promise<void>;
  /** Looks for its effect, by other means than the call that made it. */
  look(ctx: RunContext): Promise<Look<string>>;
  /** Undoes it; absent where `begin` leaves nothing to undo. */
  end?(ctx: RunContext): Promise<void>;
  /** Whether the effect shows only once it was undone: a disk that was wiped is seen to be empty when the node is back. */
  readonly showsAfterEnd?: boolean;
  /** Nodes that must have recovered when it is over. */
  affected(ctx: RunContext): readonly string[];
  /** How much longer than others it takes to heal, ms: a clock that was ahead waits for the time. */
  readonly backlogMs?: number;
}
