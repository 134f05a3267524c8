import type { Binding, BoundNode } from "../../model/binding.ts";
import type { Plan } from "../../model/plan.ts";

/** Time from reserve to slot 0, as on other backends. */
const CHAIN_START_AFTER_MS = 1_000;
/** Ports of every node; each has an address of its own. */
const PORTS = { apiPort: 18_080, testingPort: 18_081, peerPort: 18_082 } as const;

/**
 * The places of simulated nodes. Nobody listens there: addresses are of the block for benchmarks (198.18.0.0/15,
 * RFC 2544), which no machine has.
 * @param now what the run's clock shows, in ms
 */
export function bindSimulated(runId: string, plan: Plan, now: number): Binding {
  const nodes = plan.topology.nodes.map(({ name, index }): BoundNode => {
    const host = `198.${18 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
    return { name, host, ...PORTS };
  });
  return { runId, chainStartMs: now + CHAIN_START_AFTER_MS, nodes };
}
