import type { VirtualClock } from "./virtual-clock.ts";
import type { VirtualNetwork } from "./virtual-network.ts";

/** Ms of a message from a node to each connected peer and back, as messages travel now; null where none came in time. */
export async function measureRoundTrips(
  network: VirtualNetwork,
  clock: VirtualClock,
  node: string,
  timeoutMs: number,
): Promise<Readonly<Record<string, number | null>>> {
  const began = clock.now();
  const peers = network.machine(node).peers();
  const trips = new Map<string, number | null>(peers.map((peer) => [peer, null]));
  const all = Promise.withResolvers<void>();
  let missing = peers.length;
  if (missing === 0) all.resolve();
  const answered = (peer: string) => {
    trips.set(peer, clock.now() - began);
    if (--missing > 0) return;
    clock.wake();
    all.resolve();
  };
  for (const peer of peers) {
    const there = network.links.arrival(node, peer, began);
    if (there === undefined) continue;
    clock.at(there, () => {
      if (!network.isUp(peer) || network.isPaused(peer)) return;
      const back = network.links.arrival(peer, node, there);
      if (back !== undefined) clock.at(back, () => answered(peer));
    });
  }
  await Promise.race([all.promise, clock.sleep(timeoutMs)]);
  return Object.fromEntries(trips);
}
