import type { ShapedPeer, Traffic } from "./packet-filter-traffic.ts";

/** As fast as any network: what isn't limited, and by which the kernel keeps the order of packets that are late by chance. */
const UNLIMITED_KBIT = 10_000_000;
/** What the kernel counts of a full packet of the networks that are made for runs. */
const FRAME_BYTES = 1_514;
/** How much waits before a limited line: so many ms of the line, and at least what a connection sends at once when it begins. */
const QUEUE_MS = 200;
const LEAST_QUEUE_BYTES = 10 * FRAME_BYTES;
/** How much may leave at once: so many ms of the line, and at least what a full packet takes to leave at all. */
const BURST_MS = 20;
const LEAST_BURST_BYTES = 2 * FRAME_BYTES;
/** Packets under way at once: as many large ones as a line of 100 Mbit/s and 1 s holds. */
const UNDER_WAY = 10_000;

/**
 * What `tc` has to do on the interface of the peers, a line each, without the device: a class for each peer, chosen by
 * address, so that all other traffic of the interface goes out untouched. Empty when nothing is shaped.
 */
export function shapingOf({ outgoing }: Traffic): string {
  const shaped = outgoing.filter((peer) => !peer.cut && (isDelayed(peer) || peer.bandwidthKbit !== undefined));
  if (shaped.length === 0) return "";
  const classes = shaped.flatMap((peer, i) => classOf(peer, `1:${(i + 1).toString(16)}`));
  return `${["qdisc add root handle 1: htb", ...classes].join("\n")}\n`;
}

/** Whether packets to it leave late. */
export function isDelayed({ delayMs, jitterMs }: ShapedPeer): boolean {
  return delayMs > 0 || jitterMs > 0;
}

function classOf(peer: ShapedPeer, id: string): string[] {
  return [
    `class add parent 1: classid ${id} htb rate ${UNLIMITED_KBIT}kbit quantum 60000`,
    `qdisc add parent ${id} ${lineOf(peer)}`,
    `filter add parent 1: protocol ip prio 1 u32 match ip dst ${peer.to}/32 flowid ${id}`,
  ];
}

function lineOf(peer: ShapedPeer): string {
  const { delayMs, jitterMs, bandwidthKbit = UNLIMITED_KBIT } = peer;
  if (isDelayed(peer)) {
    // netem's jitter goes both ways from the middle, ours up from the least.
    const half = jitterMs / 2;
    return `netem limit ${UNDER_WAY} delay ${micros(delayMs + half)} ${micros(half)} rate ${bandwidthKbit}kbit`;
  }
  const burst = Math.max(LEAST_BURST_BYTES, bytesIn(BURST_MS, bandwidthKbit));
  const queue = Math.max(LEAST_QUEUE_BYTES, bytesIn(QUEUE_MS, bandwidthKbit));
  return `tbf rate ${bandwidthKbit}kbit burst ${burst}b limit ${burst + queue}b`;
}

/** What leaves a line in so many ms. */
function bytesIn(ms: number, kbit: number): number {
  return Math.ceil((kbit * ms) / 8);
}

function micros(ms: number): string {
  return `${Math.round(ms * 1_000)}us`;
}
