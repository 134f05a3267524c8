import type { Traffic } from "./packet-filter-traffic.ts";

/** What a look at a container's own packet filter finds. Packets are counted since its rules were put. */
export interface FilterState {
  readonly incoming: readonly {
    readonly from: string;
    readonly loss: number;
    /** Packets of the peer that came to the filter. */
    readonly seen: number;
    readonly dropped: number;
  }[];
  /** Peers to whom nothing gets out. */
  readonly outgoing: readonly { readonly to: string; readonly dropped: number }[];
  /** Peers to whom packets leave late or slowly. */
  readonly shaped: readonly Line[];
}

/** What packets to a peer have to pass. */
export interface Line {
  readonly to: string;
  /** As much as leaves in a second, in 1,000 bits. */
  readonly kbit: number;
  /** Packets that have left, and what they held. */
  readonly sent: number;
  readonly bytes: number;
  /** How often one had to wait: on a line with a delay every one. */
  readonly waited: number;
  /** Packets that found no room. */
  readonly dropped: number;
}

/**
 * A queue that nobody reads: the kernel drops what is sent there and says so to no one. A drop in OUTPUT would show senders
 * of UDP an EPERM, which no network ever does.
 */
const UNREAD_QUEUE = "NFQUEUE --queue-num 65535";

/**
 * The whole filter table as `iptables-restore` takes it, which puts all of it in force at once. Each lossy peer has a rule that
 * counts and one that drops.
 * @param hasQueue whether the kernel has the target NFQUEUE
 */
export function tableOf({ incoming, outgoing }: Traffic, hasQueue: boolean): string {
  const losses = incoming.flatMap(({ from, loss }) => [
    `-A INPUT -s ${from}/32`,
    `-A INPUT -s ${from}/32 ${loss < 1 ? `-m statistic --mode random --probability ${loss.toFixed(9)} ` : ""}-j DROP`,
  ]);
  const cuts = outgoing.flatMap(({ to, cut }) =>
    cut ? [`-A OUTPUT -d ${to}/32 -j ${hasQueue ? UNREAD_QUEUE : "DROP"}`] : [],
  );
  const chains = ["INPUT", "FORWARD", "OUTPUT"].map((chain) => `:${chain} ACCEPT [0:0]`);
  return `${["*filter", ...chains, ...losses, ...cuts, "COMMIT"].join("\n")}\n`;
}

const RULE = /^\[(\d+):\d+\] -A (INPUT|OUTPUT) -[sd] ([\d.]+)\/32(?:.* --probability ([\d.]+))?(?: -j (\w+)|$)/;

const LINE =
  /^qdisc (tbf|netem) .*? parent (\S+) .*?rate (\d+)([KMG]?)bit.*\n Sent (\d+) bytes (\d+) pkt \(dropped (\d+), overlimits (\d+)/gm;
const WAY = /flowid (\S+).*\n +match ([0-9a-f]{8})\/f{8} at 16$/gm;
const IN_BIT: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6, G: 1e9 };

/** What `iptables-save -c` shows of such a table, and `tc` of the interfaces' queues and of what goes into which. */
export function stateOf(saved: string): FilterState {
  const seen = new Map<string, number>();
  const incoming: FilterState["incoming"][number][] = [];
  const outgoing: FilterState["outgoing"][number][] = [];
  for (const line of saved.split("\n")) {
    const [, packets, chain, address = "", probability = "1", target] = RULE.exec(line.trimEnd()) ?? [];
    if (packets === undefined) continue;
    if (chain === "OUTPUT") outgoing.push({ to: address, dropped: Number(packets) });
    else if (target === undefined) seen.set(address, Number(packets));
    else {
      // The kernel keeps 31 bits of it.
      const loss = Number(Number(probability).toFixed(6));
      incoming.push({ from: address, loss, seen: seen.get(address) ?? 0, dropped: Number(packets) });
    }
  }
  return { incoming, outgoing, shaped: linesOf(saved) };
}

function linesOf(shown: string): readonly Line[] {
  const addresses = new Map([...shown.matchAll(WAY)].map(([, id = "", hex = ""]) => [id, addressOf(hex)]));
  return [...shown.matchAll(LINE)].map(([, kind, id = "", rate, unit = "", bytes, sent, dropped, waited]) => ({
    to: addresses.get(id) ?? id,
    kbit: (Number(rate) * (IN_BIT[unit] ?? 1)) / 1_000,
    sent: Number(sent),
    bytes: Number(bytes),
    waited: Number(kind === "netem" ? sent : waited),
    dropped: Number(dropped),
  }));
}

function addressOf(hex: string): string {
  return [0, 2, 4, 6].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(".");
}
