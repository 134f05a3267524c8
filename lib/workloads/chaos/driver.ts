import { formatDuration } from "../../core/duration.ts";
import type { RunContext } from "../../model/run-context.ts";
import type { Workload } from "../../model/workload.ts";
import type { ChaosOptions } from "../../plan/options.ts";
import { TaskSet } from "../task-set.ts";
import { RestartFault } from "./restart-fault.ts";
import { healAllowanceMs, keepsQuorum, type PlannedRestart, restartSchedule } from "./schedule.ts";

/** Restarts nodes by a schedule that follows from the seed. */
export class ChaosWorkload implements Workload {
  readonly name: string;
  readonly #options: ChaosOptions;
  #faults: RestartFault[] = [];

  constructor(name: string, options: ChaosOptions) {
    this.name = name;
    this.#options = options;
  }

  async start(ctx: RunContext): Promise<void> {
    const { plan, clock, events, signal } = ctx;
    const from = clock.now();
    const schedule = restartSchedule(plan.seed, this.name, plan.topology.nodes, this.#options.restart, plan.durationMs);
    for (const { fault, target, at } of schedule) {
      events.emit("fault.planned", { fault, kind: "restart", target, at: from + at });
    }
    const tasks = new TaskSet(signal);
    await tasks.within(this.#follow(ctx, schedule, from, tasks));
  }

  async #follow(ctx: RunContext, schedule: readonly PlannedRestart[], from: number, tasks: TaskSet): Promise<void> {
    const { clock, events, signal } = ctx;
    for (const { fault, target, at } of schedule) {
      await clock.sleep(Math.max(0, from + at - clock.now()), signal);
      const why = this.#whyNot(ctx, target);
      if (why !== null) {
        events.emit("fault.skipped", { fault, why });
        continue;
      }
      const restart = new RestartFault(fault, target);
      this.#faults.push(restart);
      tasks.add(restart.run(ctx));
    }
  }

  /** What speaks against restarting this node now; null when nothing does. */
  #whyNot(ctx: RunContext, target: string): string | null {
    const { cluster, clock, driveEnds, plan } = ctx;
    const node = cluster.node(target);
    if (node.state === "stopped") return `${target} is not running: ${node.why ?? "it was never started"}`;
    const { maxUnavailable } = this.#options;
    const down = new Set(this.#faults.filter(({ isOpen }) => isOpen).map((fault) => fault.target));
    for (const other of cluster.nodes()) if (other.state === "stopped") down.add(other.planned.name);
    if (down.size >= maxUnavailable) {
      return `${[...down].join(" and ")} ${down.size === 1 ? "is" : "are"} down or not back yet, and at most ${maxUnavailable} may be`;
    }
    const stakes = plan.topology.nodes.map(({ name, stake }) => ({ stake, up: name !== target && !down.has(name) }));
    const total = stakes.reduce((sum, { stake }) => sum + stake, 0);
    const alive = stakes.reduce((sum, { stake, up }) => sum + (up ? stake : 0), 0);
    if (!keepsQuorum(alive, total)) return `only ${alive} of ${total} stake would stay up, and more than half must`;
    const left = driveEnds - clock.now();
    const allowance = healAllowanceMs(plan.consensus.slotMs);
    if (left < allowance) {
      return `${formatDuration(Math.round(left))} before the end of the drive it might not heal in time, which takes up to ${formatDuration(allowance)}`;
    }
    return null;
  }

  /** Sees through what was still open when the drive ended. */
  async settle(ctx: RunContext): Promise<void> {
    await Promise.all(this.#faults.filter(({ isOpen }) => isOpen).map((fault) => fault.seeThrough(ctx)));
  }
}
