import { errorText } from "../core/errors.ts";
import type { Look } from "../core/wait.ts";
import type { Cluster } from "../model/cluster.ts";
import type { Service } from "../model/node-kind.ts";

/** Whether these nodes lack nothing, and what they lack if they do. */
export async function lookAtServices(
  { service, cluster }: { readonly service: Service; readonly cluster: Cluster },
  names: readonly string[],
  signal: AbortSignal,
): Promise<Look<string>> {
  const looks = await Promise.all(
    names.map(async (name) => {
      const node = cluster.node(name);
      if (node.state === "stopped") return `${name} is stopped`;
      try {
        const lacking = await service.lacks(node, signal);
        return lacking === null ? null : `${name}: ${lacking}`;
      } catch (thrown) {
        signal.throwIfAborted();
        return `${name}: ${errorText(thrown)}`;
      }
    }),
  );
  const lacking = looks.filter((look) => look !== null);
  if (lacking.length > 0) return { done: false, seen: lacking.join("; ") };
  return { done: true, value: `${names.join(" and ")} ${names.length === 1 ? "lacks" : "lack"} nothing` };
}
