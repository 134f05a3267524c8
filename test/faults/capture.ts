import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Cluster } from "../../lib/model/cluster.ts";

/** Why no capture can be made here; false where one can. */
export function captureMissing(): string | false {
  if (process.platform !== "linux") return "captures are made on Linux";
  const probe = "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)";
  const { status, error } = spawnSync("python3", ["-c", probe]);
  if (error) return "a capture needs python3 (apt-get install python3)";
  return status === 0 ? false : "a capture needs the right to open packet sockets (root)";
}

/** A segment as the kernel showed it. Times are ms since the epoch. */
interface Segment {
  readonly t: number;
  readonly from: string;
  readonly to: string;
  readonly seq: number;
  readonly syn: boolean;
  readonly payload: Buffer;
}

/** One frame that one node sent another: read from the bytes on the wire by the documented layout alone. */
export interface WireFrame {
  readonly t: number;
  readonly from: string;
  readonly to: string;
  readonly type: number;
}

/** What was seen between nodes: every segment of connections whose two ends are known, and the frames in them. */
export interface Seen {
  readonly segments: readonly {
    readonly t: number;
    readonly from: string;
    readonly to: string;
    readonly bytes: number;
  }[];
  readonly frames: readonly WireFrame[];
}

export interface Capture extends AsyncDisposable {
  /** What was seen so far between the nodes of this cluster. */
  seen(cluster: Cluster): Promise<Seen>;
}

/** Frame types of the transport itself; machine messages have larger ones. */
export const WIRE = { greeting: 0, refusal: 1, ping: 2, probe: 3, echo: 4 } as const;
/** Where a greeting has the length of its sender's name: head, protocol, two ids. */
const NAME_AT = 5 + 1 + 32 + 32;

/** Peer ports that local networks may get; those of the blocks that are tried. */
const PEER_PORTS = Array.from({ length: 16 }, (_, i) => 18_082 + 100 * i);

/** Records what passes over the loopback interface on nodes' peer ports. Begin it before the network. */
export async function startCapture(): Promise<Capture> {
  const script = join(import.meta.dirname, "capture.py");
  const child = spawn("python3", [script, ...PEER_PORTS.map(String)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const ready = Promise.withResolvers<void>();
  const marks: (() => void)[] = [];
  reader.on("line", (line) => {
    if (line === "ready") ready.resolve();
    else if (line === "mark") marks.shift()?.();
    else lines.push(line);
  });
  child.once("exit", (code) => ready.reject(new Error(`the capture ended with ${code}`)));
  await ready.promise;
  return {
    async seen(cluster) {
      const { promise, resolve } = Promise.withResolvers<void>();
      marks.push(resolve);
      child.stdin.write("m");
      await promise;
      return read(lines, cluster);
    },
    async [Symbol.asyncDispose]() {
      child.removeAllListeners("exit");
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

function read(lines: readonly string[], cluster: Cluster): Seen {
  const listeners = new Map(
    cluster.nodes().map(({ planned, bound }) => [`${bound.host}:${bound.peerPort}`, planned.name]),
  );
  const ours = lines.map(segmentOf).filter(({ from, to }) => listeners.has(from) || listeners.has(to));
  // A port may be used again by another connection: each SYN begins a stream anew.
  const streams = new Map<string, Segment[][]>();
  for (const segment of ours) {
    const key = `${segment.from}>${segment.to}`;
    const lives = streams.get(key) ?? [];
    if (segment.syn || lives.length === 0) lives.push([]);
    lives.at(-1)?.push(segment);
    streams.set(key, lives);
  }
  const segments: { t: number; from: string; to: string; bytes: number }[] = [];
  const frames: WireFrame[] = [];
  for (const [key, lives] of streams) {
    const [source = "", target = ""] = key.split(">");
    for (const [i, life] of lives.entries()) {
      const back = streams.get(`${target}>${source}`)?.[i] ?? [];
      const from = listeners.get(source) ?? greeted(life);
      const to = listeners.get(target) ?? greeted(back);
      if (from === null || to === null) continue;
      segments.push(...life.map(({ t, payload }) => ({ t, from, to, bytes: payload.length })));
      frames.push(...framesOf(life).map(({ t, type }) => ({ t, from, to, type })));
    }
  }
  return { segments, frames: frames.sort((a, b) => a.t - b.t) };
}

function segmentOf(line: string): Segment {
  const [t, source, sport, target, dport, seq, flags, payload = ""] = line.split(" ");
  return {
    t: Number(t) * 1_000,
    from: `${source}:${sport}`,
    to: `${target}:${dport}`,
    seq: Number(seq),
    syn: (Number(flags) & 2) !== 0,
    payload: Buffer.from(payload, "hex"),
  };
}

/** The name in a stream's first frame. */
function greeted(life: readonly Segment[]): string | null {
  const bytes = Buffer.concat(inOrder(life).map(({ payload }) => payload));
  if (bytes.length <= NAME_AT || bytes[4] !== WIRE.greeting) return null;
  return bytes.toString("utf8", NAME_AT + 1, NAME_AT + 1 + (bytes[NAME_AT] ?? 0));
}

/** Frames by their heads (length of the rest, u32 little-endian; type, u8), each at the time of its last byte. */
function framesOf(life: readonly Segment[]): { readonly t: number; readonly type: number }[] {
  const frames: { t: number; type: number }[] = [];
  let held = Buffer.alloc(0);
  for (const { t, payload } of inOrder(life)) {
    held = Buffer.concat([held, payload]);
    while (held.length >= 5 && held.length >= 4 + held.readUInt32LE(0)) {
      frames.push({ t, type: held[4] ?? 0 });
      held = held.subarray(4 + held.readUInt32LE(0));
    }
  }
  return frames;
}

/** Segments with a payload, each once, in the order of their bytes. */
function inOrder(life: readonly Segment[]): readonly Segment[] {
  const first = life.find(({ payload }) => payload.length > 0)?.seq ?? 0;
  const place = (seq: number) => (seq - first) | 0;
  const bySeq = new Map(life.filter(({ payload }) => payload.length > 0).map((segment) => [segment.seq, segment]));
  return [...bySeq.values()].sort((a, b) => place(a.seq) - place(b.seq));
}
