import type { LinkCondition } from "../../model/cluster.ts";

/** What is done to a container's traffic with its peers. Addresses are those of the network of the peers. */
export interface Traffic {
  /** What comes in. */
  readonly incoming: readonly LossyPeer[];
  /** What goes out. */
  readonly outgoing: readonly ShapedPeer[];
}

/** A share of a peer's packets never arrives. */
export interface LossyPeer {
  readonly from: string;
  /** Probability that a packet is lost, 0 to 1. */
  readonly loss: number;
}

/** Packets to a peer that leave late, slowly or not at all. */
export interface ShapedPeer {
  readonly to: string;
  /** None leaves, and who sends them isn't told. */
  readonly cut: boolean;
  /** Least additional time under way. */
  readonly delayMs: number;
  /** Each is under way up to this much longer, uniformly; order is kept. */
  readonly jitterMs: number;
  /** Most that leaves in a second, in 1,000 bits; as fast as it goes where it isn't given. */
  readonly bandwidthKbit?: number;
}

/**
 * One node's share of the network's conditions: what comes in is lost at it, what goes out is delayed at it. A loss of 1 is at
 * both ends, so that nothing gets across either while one of them starts again and has no rules yet.
 * @param addressOf a node's address in the network of the peers
 */
export function trafficOf(
  node: string,
  conditions: readonly LinkCondition[],
  addressOf: (name: string) => string,
): Traffic {
  const incoming = conditions.filter(({ to, loss }) => to === node && loss > 0);
  const outgoing = conditions.filter(
    ({ from, loss, delayMs, jitterMs, bandwidthKbit }) =>
      from === node && (loss === 1 || delayMs > 0 || jitterMs > 0 || bandwidthKbit !== undefined),
  );
  return {
    incoming: incoming.map(({ from, loss }) => ({ from: addressOf(from), loss })),
    outgoing: outgoing.map(({ to, loss, delayMs, jitterMs, bandwidthKbit }) => ({
      to: addressOf(to),
      cut: loss === 1,
      delayMs,
      jitterMs,
      ...(bandwidthKbit !== undefined && { bandwidthKbit }),
    })),
  };
}
