import { errorText } from "../../../core/errors.ts";
import type { Look } from "../../../core/wait.ts";
import type { LinkCondition } from "../../../model/cluster.ts";
import type { RunContext } from "../../../model/run-context.ts";
import { conditionsOfFault, type LinkFaultOptions } from "../../../plan/faults/links.ts";
import type { Act } from "../act.ts";
import type { LinkBook } from "../link-book.ts";
import { createDelayObserver } from "./delay-observer.ts";
import { lookAtFilters } from "./filter-look.ts";
import { lookAtLines } from "./line-look.ts";
import { createLossObserver } from "./loss-observer.ts";
import { peersOf } from "./probes.ts";
import { everyLook } from "./process.ts";

const CALL_TIMEOUT_MS = 2_000;

/** Cuts, slows, thins out or narrows links. Seen by peer counts, by probes that travel as messages do, or by what kernels count. */
export function linksAct(options: LinkFaultOptions, targets: readonly string[], book: LinkBook): Act {
  const key = {};
  const conditions = (ctx: RunContext) => conditionsOfFault(options, targets, ctx.plan.topology.nodes);
  const delay = createDelayObserver(book);
  const loss = createLossObserver(book);
  return {
    async begin(ctx) {
      const imposed = conditions(ctx);
      if (options.kind === "delay") await delay.before(ctx, imposed);
      loss.before();
      await book.impose(ctx.cluster.control, key, imposed, ctx.signal);
    },
    end: (ctx) => book.lift(ctx.cluster.control, key, ctx.signal),
    look(ctx) {
      const imposed = conditions(ctx);
      if (options.kind === "bandwidth") return lookAtLines(ctx, imposed);
      // Where nothing comes through either way, there is no connection that a probe could take.
      if (options.kind !== "delay" && ctx.cluster.filtered) return lookAtFilters(ctx, imposed);
      if (!options.oneWay && imposed.every((one) => one.loss === 1)) return lookForCut(ctx, imposed);
      return options.kind === "delay" ? delay.look(ctx, imposed) : loss.look(ctx, imposed);
    },
    affected: (ctx) => [...new Set(conditions(ctx).flatMap(({ from, to }) => [from, to]))],
  };
}

/**
 * Every node has no more peers than it can reach: a running neighbour on its own side. At least one link must be cut
 * whose ends both run, as a peer that is down is missing anyhow.
 */
async function lookForCut(ctx: RunContext, conditions: readonly LinkCondition[]): Promise<Look<string>> {
  const cut = peersOf(conditions);
  const running = new Map(ctx.cluster.running().map((node) => [node.planned.name, node]));
  const cutOff = [...running.values()]
    .map((node) => ({ node, there: node.planned.neighbours.filter((peer) => running.has(peer)) }))
    .map(({ node, there }) => ({ node, there, lost: there.filter((peer) => cut.get(node.planned.name)?.has(peer)) }))
    .filter(({ lost }) => lost.length > 0);
  if (cutOff.length === 0) return { done: false, seen: "no link is cut whose ends both run" };
  return everyLook(cutOff, async ({ node, there, lost }) => {
    try {
      const { peers } = await node.client.networkInfo({ timeoutMs: CALL_TIMEOUT_MS, signal: ctx.signal });
      const { name, neighbours } = node.planned;
      const seen = `${name} has ${peers} of ${neighbours.length} peers`;
      return peers <= there.length - lost.length ? { done: true, value: seen } : { done: false, seen };
    } catch (thrown) {
      ctx.signal.throwIfAborted();
      return { done: false, seen: errorText(thrown) };
    }
  });
}
