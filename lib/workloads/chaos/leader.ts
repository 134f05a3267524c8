import { errorText } from "../../core/errors.ts";
import type { RunContext } from "../../model/run-context.ts";

/** The node that made the newest canonical block; null where that can't be told. */
export async function newestLeader({
  cluster,
  events,
  feed,
  nodeKind,
  plan,
  signal,
}: RunContext): Promise<string | null> {
  const { id } = feed.head();
  for (const { client } of cluster.running()) {
    try {
      const block = await client.block(id, { signal });
      if (block) return nodeKind.leaderOf?.(plan, block) ?? null;
    } catch (thrown) {
      signal.throwIfAborted();
      events.emit("warning", { text: `no leader is known for now: ${errorText(thrown)}` });
    }
  }
  return null;
}
