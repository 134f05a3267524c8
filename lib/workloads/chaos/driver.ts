import { formatDuration } from "../../core/duration.ts";
import type { RunContext } from "../../model/run-context.ts";
import type { Workload } from "../../model/workload.ts";
import { type ChaosOptions, DOWN_KINDS } from "../../plan/chaos-options.ts";
import { sidesLeft } from "../../plan/checks/fault-cuts.ts";
import { spanMs } from "../../plan/checks/fault-figures.ts";
import { conditionsOfFault, isOfLinks } from "../../plan/faults/links.ts";
import { faultSchedule, type PlannedFault } from "../../plan/faults/schedule.ts";
import { keepsQuorum, stakeOf } from "../../plan/faults/targets.ts";
import { TaskSet } from "../task-set.ts";
import { actOf } from "./acts.ts";
import { FaultRun } from "./fault-run.ts";
import { newestLeader } from "./leader.ts";
import { LinkBook } from "./link-book.ts";

/** Makes faults by a schedule that follows from the seed. */
export class ChaosWorkload implements Workload {
  readonly name: string;
  readonly #options: ChaosOptions;
  readonly #links = new LinkBook();
  readonly #runs = new Map<string, FaultRun>();

  constructor(name: string, options: ChaosOptions) {
    this.name = name;
    this.#options = options;
  }

  async start(ctx: RunContext): Promise<void> {
    const { plan, clock, events, signal } = ctx;
    const from = clock.now();
    const schedule = faultSchedule(plan, this.name, this.#options);
    for (const { fault, kind, targets, at } of schedule) {
      const target = targets.length > 0 ? targets.join(", ") : "the leader of the newest block";
      events.emit("fault.planned", { fault, kind, target, at: from + at });
    }
    const tasks = new TaskSet(signal);
    await tasks.within(this.#follow(ctx, schedule, from, tasks));
  }

  /** Sees through what was still open when the drive ended. */
  async settle(ctx: RunContext): Promise<void> {
    await Promise.all([...this.#runs.values()].filter(({ isOpen }) => isOpen).map((fault) => fault.seeThrough(ctx)));
  }

  async #follow(ctx: RunContext, schedule: readonly PlannedFault[], from: number, tasks: TaskSet): Promise<void> {
    const { clock, signal } = ctx;
    const rows = Map.groupBy(
      schedule.filter(({ follows }) => follows),
      ({ follows }) => follows?.fault ?? "",
    );
    for (const planned of schedule) {
      if (planned.follows) continue;
      await clock.sleep(Math.max(0, from + planned.at - clock.now()), signal);
      tasks.add(this.#runRow(ctx, planned, rows));
    }
  }

  /** A fault and those that follow it, one after the other. */
  async #runRow(
    ctx: RunContext,
    first: PlannedFault,
    rows: ReadonlyMap<string, readonly PlannedFault[]>,
  ): Promise<void> {
    for (let next: PlannedFault | undefined = first; next; next = rows.get(next.fault)?.[0]) {
      if (next.follows) await ctx.clock.sleep(next.follows.pauseMs, ctx.signal);
      await this.#runOne(ctx, next);
    }
  }

  async #runOne(ctx: RunContext, planned: PlannedFault): Promise<void> {
    const leader = planned.targets.length > 0 ? null : await newestLeader(ctx);
    const targets = leader === null ? planned.targets : [leader];
    const why = this.#whyNot(ctx, planned, targets);
    if (why !== null) {
      ctx.events.emit("fault.skipped", { fault: planned.fault, why });
      return;
    }
    const others = () => new Set([...this.#runs.values()].filter((one) => one !== run).flatMap((one) => one.held(ctx)));
    const run = new FaultRun(planned, targets, actOf(planned, targets, this.#links), others);
    this.#runs.set(planned.fault, run);
    await run.run(ctx);
  }

  /** What speaks against this fault now; null when nothing does. */
  #whyNot(ctx: RunContext, planned: PlannedFault, targets: readonly string[]): string | null {
    const { clock, driveEnds, plan } = ctx;
    if (targets.length === 0) return "there is no node that it could hit";
    const notThere = this.#notThere(ctx, planned, targets);
    if (notThere !== null) return notThere;
    const unfit = this.#unfit(ctx, planned, targets);
    if (unfit !== null) return unfit;
    const left = driveEnds - clock.now();
    const span = spanMs(planned, plan.consensus.slotMs);
    if (left >= span) return null;
    return `${formatDuration(Math.round(left))} before the end of the drive it might not heal in time, which takes up to ${formatDuration(span)}`;
  }

  /** Who is missing of those whom it needs: its targets, or two ends of a link. Latecomers are to be missing. */
  #notThere({ cluster, plan }: RunContext, { kind, options }: PlannedFault, targets: readonly string[]): string | null {
    if (kind === "join") return null;
    const stopped = (name: string) => {
      const node = cluster.node(name);
      return node.state === "stopped" ? `${name} is not running: ${node.why ?? "it was never started"}` : null;
    };
    if (!isOfLinks(options)) return targets.map(stopped).find((why) => why !== null) ?? null;
    const conditions = conditionsOfFault(options, targets, plan.topology.nodes);
    const running = new Map(cluster.running().map(({ planned }) => [planned.name, planned.neighbours]));
    if (conditions.some(({ from, to }) => running.has(to) && running.get(from)?.includes(to))) return null;
    return targets.map(stopped).find((why) => why !== null) ?? "no link that it is for has two running ends";
  }

  /** What the state of the network has against it: too few nodes would be left, or two cuts would add up. */
  #unfit({ cluster, plan }: RunContext, planned: PlannedFault, targets: readonly string[]): string | null {
    const { nodes } = plan.topology;
    const open = [...this.#runs.values()].filter(({ isOpen }) => isOpen);
    const cutting = open.find((run) => sidesLeft({ ...run.planned, targets: run.targets }, nodes));
    if (sidesLeft({ ...planned, targets }, nodes) && cutting)
      return `${cutting.planned.fault} cuts the network already`;
    if (!DOWN_KINDS.includes(planned.kind)) return null;
    const down = new Set(open.filter((run) => DOWN_KINDS.includes(run.planned.kind)).flatMap((run) => run.targets));
    for (const node of cluster.nodes()) if (node.state === "stopped") down.add(node.planned.name);
    const sides = cutting && sidesLeft({ ...cutting.planned, targets: cutting.targets }, nodes);
    const largest = [...(sides ?? [nodes])].sort((a, b) => stakeOf(b) - stakeOf(a))[0] ?? [];
    for (const { name } of nodes) if (!largest.some((node) => node.name === name)) down.add(name);
    const { maxUnavailable } = this.#options;
    if (down.size > 0 && new Set([...down, ...targets]).size > maxUnavailable) {
      return `${[...down].join(" and ")} ${down.size === 1 ? "is" : "are"} down or not back yet, and at most ${maxUnavailable} may be`;
    }
    const total = stakeOf(nodes);
    const alive = stakeOf(nodes.filter(({ name }) => !down.has(name) && !targets.includes(name)));
    if (keepsQuorum(alive, total)) return null;
    return `only ${alive} of ${total} stake would stay up, and more than half must`;
  }
}
