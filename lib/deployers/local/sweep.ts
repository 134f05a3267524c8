import type { Clock } from "../../core/clock.ts";
import { sweepProcesses } from "../../host/processes.ts";
import type { Leftover } from "../../model/deployer.ts";
import type { ManagedNode } from "../managed/managed-node.ts";

/** Time that nodes have to end in order, from SIGTERM to SIGKILL. */
const GRACE_MS = 5_000;
/** Time that the guardian has to tell of ends that the machine already shows. */
const NOTICE_MS = 1_000;

/**
 * Ends every process of the run but its guardian: in order, or at once when `signal` aborts. Looks at the machine,
 * not at books, until two looks in a row find nothing.
 */
export async function sweepNodes(
  run: { runId: string; clock: Clock; nodes: readonly ManagedNode[] },
  signal: AbortSignal,
): Promise<readonly Leftover[]> {
  const { runId, clock, nodes } = run;
  for (const node of nodes) node.expectEnd();
  const sweep = (graceMs: number) =>
    sweepProcesses({ runId, clock, graceMs, except: (process) => process.role === "guardian" });

  const orderly = sweep(signal.aborted ? 0 : GRACE_MS);
  const forced = Promise.withResolvers<Awaited<typeof orderly>>();
  const force = () => forced.resolve(sweep(0));
  signal.addEventListener("abort", force, { once: true });
  const { left } = await Promise.race([orderly, forced.promise]);
  signal.removeEventListener("abort", force);

  await Promise.all(nodes.map((node) => node.endNoticed(NOTICE_MS)));
  return left.map(({ pid, command, node }) => ({
    kind: "process",
    id: `pid ${pid} (${node ?? command})`,
    remove: `kill -9 ${pid}`,
  }));
}
