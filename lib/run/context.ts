import { randomStream } from "../core/random.ts";
import type { RunContext } from "../model/run-context.ts";
import { nearestOrAll } from "../plan/nearest.ts";
import { shown } from "../plan/shown.ts";

/** What all pieces of a run share. */
export interface SharedContext extends Omit<RunContext, "signal" | "random" | "metric" | "$"> {
  /** zx's `$`, whose commands end with the signal. */
  shell(signal: AbortSignal): RunContext["$"];
}

/** The context of one piece, with chance and metrics of its own. */
export function contextFor(shared: SharedContext, piece: string, signal: AbortSignal): RunContext {
  const { plan, events } = shared;
  const own = [...plan.workloads, ...plan.expectations].filter(({ name }) => name === piece);
  const declared = own.flatMap(({ metrics }) => metrics ?? []);
  let shell: RunContext["$"] | undefined;
  return {
    ...shared,
    signal,
    get $() {
      shell ??= shared.shell(signal);
      return shell;
    },
    metric: (name, value) => {
      if (!declared.includes(name))
        throw new TypeError(`ctx.metric(${shown(name)}): ${undeclared(piece, name, declared)}`);
      if (!Number.isFinite(value)) {
        throw new TypeError(`ctx.metric(${shown(name)}, ${shown(value)}): a sample is a finite number`);
      }
      events.emit("metric.recorded", { by: piece, name, value });
    },
    random: (name) => randomStream(plan.seed, piece, name),
  };
}

function undeclared(piece: string, name: string, declared: readonly string[]): string {
  if (declared.length === 0) return `${piece} declares no metrics; give it metrics: [${shown(name)}]`;
  return `${piece} declares no such metric. ${nearestOrAll(String(name), declared)}`;
}
