import { errorText } from "../../../core/errors.ts";
import type { Look } from "../../../core/wait.ts";
import type { RunContext } from "../../../model/run-context.ts";
import type { Act } from "../act.ts";

/** How long one question to a node may take. */
const CALL_TIMEOUT_MS = 2_000;

/** SIGTERM, grace, SIGKILL, and a start. Seen by a new process that answers. */
export function restartAct(target: string): Act {
  let before: string | null = null;
  return {
    async begin({ cluster, signal }) {
      before = (await cluster.observe(target)).identity;
      await cluster.control.restart(target, signal);
    },
    look: (ctx) => lookForNewProcess(ctx, target, before),
    affected: () => [target],
  };
}

/** The first start of a node that the plan has join late. Seen by a process that answers where there was none. */
export function joinAct(targets: readonly string[]): Act {
  const early = new Map<string, string>();
  return {
    async begin({ cluster, signal }) {
      for (const target of targets) {
        const { identity } = await cluster.observe(target);
        if (identity !== null) early.set(target, identity);
      }
      const missing = targets.filter((target) => !early.has(target));
      await Promise.all(missing.map((target) => cluster.control.start(target, signal)));
    },
    look: (ctx) =>
      everyLook(targets, async (target) => {
        const before = early.get(target);
        if (before !== undefined) return { done: false, seen: `${target} was there already, as ${before}` };
        return lookForNewProcess(ctx, target, null);
      }),
    affected: () => targets,
  };
}

/** Ends processes, and starts them again at the end. Seen by there being no process. */
export function outageAct(targets: readonly string[], how: "stop" | "kill"): Act {
  return {
    async begin({ cluster, signal }) {
      await Promise.all(targets.map((target) => cluster.control[how](target, signal)));
    },
    look: ({ cluster }) =>
      everyLook(targets, async (target) => {
        const { alive, identity } = await cluster.observe(target);
        if (alive) return { done: false, seen: `${target} is there as ${identity}` };
        return { done: true, value: `no process of ${target}` };
      }),
    end: (ctx) => startAll(ctx, targets),
    affected: () => targets,
  };
}

/** Freezes processes. Seen by the state that the system shows. */
export function pauseAct(targets: readonly string[]): Act {
  return {
    async begin({ cluster, signal }) {
      await Promise.all(targets.map((target) => cluster.control.pause(target, signal)));
    },
    look: ({ cluster }) =>
      everyLook(targets, async (target) => {
        const { paused, identity } = await cluster.observe(target);
        if (!paused) return { done: false, seen: `${target} goes on as ${identity ?? "no process"}` };
        return { done: true, value: `${target}, ${identity}, is stopped by a signal` };
      }),
    async end({ cluster, signal }) {
      await Promise.all(targets.map((target) => cluster.control.resume(target, signal)));
    },
    affected: () => targets,
  };
}

/**
 * Ends processes and deletes their state; starts them at the end. Seen by disks that are empty before the start, where
 * the backend can look at them, and by nodes that process their whole chain anew.
 */
export function wipeAct(targets: readonly string[]): Act {
  const before = new Map<string, string | null>();
  const kept = new Set<string>();
  return {
    async begin({ cluster, signal }) {
      await Promise.all(
        targets.map(async (target) => {
          before.set(target, (await cluster.observe(target)).identity);
          await cluster.control.stop(target, signal);
          await cluster.control.wipe(target, signal);
          if (await cluster.hasState?.(target)) kept.add(target);
        }),
      );
    },
    end: (ctx) => startAll(ctx, targets),
    showsAfterEnd: true,
    look: (ctx) =>
      everyLook(targets, async (target) => {
        if (kept.has(target)) return { done: false, seen: `${target} still had its state before it was started` };
        return lookForFreshChain(ctx, target, before.get(target) ?? null);
      }),
    affected: () => targets,
  };
}

async function startAll({ cluster, signal }: RunContext, targets: readonly string[]): Promise<void> {
  const stopped = targets.filter((target) => cluster.node(target).state === "stopped");
  await Promise.all(stopped.map((target) => cluster.control.start(target, signal)));
}

/** The look of all targets as one: done when each is. */
export async function everyLook<T>(
  items: readonly T[],
  look: (item: T) => Promise<Look<string>>,
): Promise<Look<string>> {
  const looks = await Promise.all(items.map(look));
  const open = looks.flatMap((one) => (one.done ? [] : [one.seen]));
  if (open.length > 0) return { done: false, seen: open.join("; ") };
  return { done: true, value: looks.flatMap((one) => (one.done ? [one.value] : [])).join("; ") };
}

async function lookForNewProcess(
  { cluster, nodeKind, signal }: RunContext,
  target: string,
  before: string | null,
): Promise<Look<string>> {
  const { alive, identity } = await cluster.observe(target);
  if (!alive) return { done: false, seen: "there is no process" };
  if (identity === before) return { done: false, seen: `the process is the old one, ${identity}` };
  const replaced = `${identity} in place of ${before ?? "none"}`;
  const node = cluster.node(target);
  if (node.state === "stopped") return { done: false, seen: `${replaced}, which has ended` };
  try {
    if (nodeKind.service) {
      const lacking = await nodeKind.service.lacks(node, signal);
      return { done: true, value: `${replaced}; it answers${lacking === null ? "" : `: ${lacking}`}` };
    }
    const { height } = await node.client.info({ timeoutMs: CALL_TIMEOUT_MS, signal });
    return { done: true, value: `${replaced}; it answers at height ${height}` };
  } catch (thrown) {
    signal.throwIfAborted();
    return { done: false, seen: `${replaced}; ${errorText(thrown)}` };
  }
}

/** A node that kept its state adds only the blocks that it missed; one without adds all of its chain. */
async function lookForFreshChain(
  { cluster, nodeKind, signal }: RunContext,
  target: string,
  before: string | null,
): Promise<Look<string>> {
  const node = cluster.node(target);
  if (node.state === "stopped") return { done: false, seen: `${target} is stopped` };
  const { identity } = await cluster.observe(target);
  if (identity === before) return { done: false, seen: `the process is the old one, ${identity}` };
  // Where there is no chain, a disk that was seen to be empty is all there is to see.
  if (nodeKind.service && cluster.hasState) return { done: true, value: `${target} started with an empty disk` };
  try {
    const metrics = await node.client.metrics({ timeoutMs: CALL_TIMEOUT_MS, signal });
    const added = gauge(metrics, "consensus_processed_blocks");
    const height = gauge(metrics, "consensus_tip_height");
    if (added === null || height === null) {
      return { done: false, seen: `${target} doesn't count the blocks that it processed` };
    }
    const seen = `${target} processed ${added} blocks since its start and is at height ${height}`;
    return height > 0 && added >= height ? { done: true, value: seen } : { done: false, seen };
  } catch (thrown) {
    signal.throwIfAborted();
    return { done: false, seen: errorText(thrown) };
  }
}

/** A figure of a node's metrics, null where it has none of that name. */
export function gauge(metrics: string, name: string): number | null {
  const value = new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1];
  return value === undefined ? null : Number(value);
}
