import { connect, createServer, type Server, type Socket } from "node:net";
import type { LinkConditions } from "../../../chain/http/link-conditions.ts";
import type { Clock } from "../../../core/clock.ts";
import { errorText, must } from "../../../core/errors.ts";
import type { Random } from "../../../core/random.ts";
import { listen } from "../listen.ts";
import { FRAME_HEAD, type Frame, MAX_FRAME } from "./framing.ts";
import type { Greeting } from "./greeting.ts";
import { CLEAR_LINK } from "./outbox.ts";
import { PeerConnection } from "./peer-connection.ts";
import { Redial } from "./redial.ts";

/** Where another node's transport listens. */
export interface PeerAddress {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface TransportOptions<M> {
  readonly clock: Clock;
  readonly random: Random;
  readonly greeting: Greeting;
  readonly host: string;
  readonly port: number;
  /** Every other node. */
  readonly peers: readonly PeerAddress[];
  /** Those it keeps a connection to. The others are dialled when there is something to send them. */
  readonly neighbours: readonly string[];
  readonly links: Readonly<Record<string, LinkConditions>>;
  onConnected(peer: string): void;
  onDisconnected(peer: string): void;
  /** @throws Error for a frame that no peer of this build sends; it closes the connection. */
  readMessage(frame: Frame): M;
  onMessage(peer: string, message: M): void;
  onLog(level: "INFO" | "WARN", text: string): void;
}

/** Connections as `GET /network/info` counts them. */
export interface ConnectionCounts {
  /** Neighbours that are connected. */
  readonly peers: number;
  /** With direct connections to nodes that are no neighbours. */
  readonly connections: number;
  readonly pending: number;
}

/** A greeting must come within this time after the connection. */
const GREETING_MS = 5_000;
/**
 * A connection is pinged this often, and given up when nothing came for three times as long: what is cut off silently is to
 * dial anew soon after it is let through, while TCP by itself would wait about as long again as it was cut off.
 */
const HEARTBEAT_MS = 1_000;
/** A dialling that takes longer is given up, for the same reason. */
const DIAL_MS = 3_000;
/** A direct connection is closed when nothing was sent over it for this long. */
const DIRECT_IDLE_MS = 30_000;
/** A connection that lasted this long was a good one; who loses one earlier waits before the next. */
const STEADY_MS = 10_000;
/** Frames that wait for a direct connection; more are dropped, oldest first. */
const MAX_WAITING = 256;

/**
 * The node's end of the peer network: one connection a pair. Both ends of a pair of neighbours dial, so that whoever
 * starts last connects at once; of two connections the one that the smaller name dialled stays.
 */
export class PeerTransport<M> {
  readonly #options: TransportOptions<M>;
  readonly #addresses: ReadonlyMap<string, PeerAddress>;
  readonly #neighbours: ReadonlySet<string>;
  readonly #server: Server;
  readonly #closed = new AbortController();
  readonly #open = new Map<string, PeerConnection<M>>();
  readonly #all = new Set<PeerConnection<M>>();
  readonly #dialling = new Map<string, Socket>();
  readonly #waiting = new Map<string, Uint8Array[]>();
  readonly #redial: Redial;
  #links: Readonly<Record<string, LinkConditions>>;

  private constructor(options: TransportOptions<M>) {
    this.#options = options;
    this.#links = options.links;
    this.#addresses = new Map(options.peers.map((peer) => [peer.name, peer]));
    this.#neighbours = new Set(options.neighbours);
    this.#redial = new Redial(options.clock, this.#closed.signal, (peer) => this.#dial(peer));
    this.#server = createServer((socket) => this.#adopt(socket, null));
  }

  /**
   * Listens, and starts to dial the neighbours.
   * @throws CodedError NR-NODE-PORT when the address can't be had.
   */
  static async start<M>(options: TransportOptions<M>): Promise<PeerTransport<M>> {
    const transport = new PeerTransport(options);
    await listen(transport.#server, options.host, options.port, "peers");
    for (const peer of transport.#neighbours) transport.#dial(peer);
    void transport.#heartbeat();
    return transport;
  }

  /** Sends a frame's bytes: at once over an open connection, else (to a node that is no neighbour) after dialling it. */
  send(to: string, bytes: Uint8Array): void {
    if (bytes.length > FRAME_HEAD - 1 + MAX_FRAME) {
      this.#options.onLog("WARN", `a frame of ${bytes.length} bytes is not sent to ${to}: no peer takes it`);
      return;
    }
    const connection = this.#open.get(to);
    if (connection) return connection.send(bytes);
    if (this.#neighbours.has(to) || !this.#addresses.has(to) || this.#link(to).blocked) return;
    const waiting = this.#waiting.get(to) ?? [];
    this.#waiting.set(to, [...waiting, bytes].slice(-MAX_WAITING));
    this.#dial(to);
  }

  counts(): ConnectionCounts {
    const peers = [...this.#open.keys()].filter((peer) => this.#neighbours.has(peer)).length;
    return { peers, connections: this.#open.size, pending: this.#dialling.size };
  }

  /** Every open connection's peer, and which end dialled. */
  directions(): ReadonlyMap<string, "inbound" | "outbound"> {
    return new Map([...this.#open].map(([peer, { dialled }]) => [peer, dialled ? "outbound" : "inbound"] as const));
  }

  /** The conditions that differ from a clear link. */
  links(): Readonly<Record<string, LinkConditions>> {
    return this.#links;
  }

  /** Replaces all conditions, at once in force. Blocking closes a connection, clearing dials a neighbour. */
  setLinks(links: Readonly<Record<string, LinkConditions>>): void {
    this.#links = links;
    for (const [peer, connection] of this.#open) {
      if (this.#link(peer).blocked) connection.destroy("the link is blocked");
      else connection.conditions = this.#link(peer);
    }
    for (const peer of this.#neighbours) this.#redial.now(peer);
  }

  /** Ms of a message to each connected peer and its answer, under the links' conditions; null where none came in time. */
  async roundTrips(timeoutMs: number): Promise<Readonly<Record<string, number | null>>> {
    const over = new AbortController();
    const probes = [...this.#open].map(async ([peer, open]) => [peer, await open.probe(over.signal)] as const);
    const all = Promise.all(probes);
    const late = this.#options.clock.sleep(timeoutMs, AbortSignal.any([over.signal, this.#closed.signal]));
    await Promise.race([all, late.catch(() => undefined)]);
    over.abort();
    return Object.fromEntries(await all);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    for (const socket of this.#dialling.values()) socket.destroy();
    for (const connection of this.#all) connection.destroy("this node stops");
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #link(peer: string): LinkConditions {
    return this.#links[peer] ?? CLEAR_LINK;
  }

  #dial(peer: string): void {
    if (this.#closed.signal.aborted || this.#open.has(peer) || this.#dialling.has(peer)) return;
    if (this.#link(peer).blocked) return;
    const { host, port } = must(this.#addresses.get(peer), `the address of ${peer}`);
    const socket = connect({ host, port });
    this.#dialling.set(peer, socket);
    const failed = (error: Error) => {
      late.abort();
      socket.destroy();
      this.#dialEnded(peer, errorText(error));
    };
    const late = new AbortController();
    void this.#options.clock.sleep(DIAL_MS, AbortSignal.any([late.signal, this.#closed.signal])).then(
      () => failed(new Error(`no answer in ${DIAL_MS} ms`)),
      () => undefined, // It was decided before.
    );
    socket.once("error", failed);
    socket.once("connect", () => {
      late.abort();
      socket.off("error", failed);
      this.#adopt(socket, peer);
    });
  }

  /** The end of a dialling that gave no open connection. */
  #dialEnded(peer: string, reason: string): void {
    this.#dialling.delete(peer);
    if (this.#open.has(peer)) return;
    this.#waiting.delete(peer);
    if (this.#redial.failed(peer, this.#neighbours.has(peer))) {
      this.#options.onLog("WARN", `could not connect to ${peer}: ${reason}`);
    }
  }

  #adopt(socket: Socket, dialled: string | null): void {
    const connection = new PeerConnection(socket, {
      clock: this.#options.clock,
      random: this.#options.random,
      dialled: dialled !== null,
      greeting: this.#options.greeting,
      admit: (theirs) => this.#admit(theirs, dialled),
      onOpen: (opened) => this.#opened(opened),
      readMessage: this.#options.readMessage,
      onMessage: (from, message) => this.#options.onMessage(must(from.peer, "the name of an open peer"), message),
      onClose: (closed, reason) => this.#connectionClosed(closed, dialled, reason),
    });
    this.#all.add(connection);
  }

  #admit(theirs: Greeting, dialled: string | null): string | null {
    const { name, genesis } = this.#options.greeting;
    if (theirs.genesis !== genesis) return `its genesis is ${theirs.genesis}, that of ${name} is ${genesis}`;
    if (dialled !== null && theirs.name !== dialled) return `its name is ${theirs.name}, ${dialled} was dialled`;
    if (!this.#addresses.has(theirs.name)) return `${theirs.name} is no node of this network`;
    if (this.#link(theirs.name).blocked) return "the link is blocked";
    return null;
  }

  #opened(connection: PeerConnection<M>): void {
    const peer = must(connection.peer, "the name of an open peer");
    const old = this.#open.get(peer);
    if (old && !this.#replaces(connection, old)) {
      this.#dialling.delete(peer);
      connection.close("there is another connection to this peer");
      return;
    }
    this.#open.set(peer, connection);
    this.#dialling.delete(peer);
    this.#redial.succeeded(peer);
    connection.conditions = this.#link(peer);
    if (old) {
      old.close("another connection to this peer replaces it");
      if (this.#neighbours.has(peer)) this.#options.onDisconnected(peer);
    }
    this.#options.onLog("INFO", `connected to ${peer} at ${connection.remoteAddress}`);
    if (this.#neighbours.has(peer)) this.#options.onConnected(peer);
    for (const bytes of this.#waiting.get(peer) ?? []) connection.send(bytes);
    this.#waiting.delete(peer);
  }

  /**
   * Both ends must come to the same answer: a restarted peer's connection wins, then a newer one from the same end (the
   * dialler has lost the older), then the one that the smaller name dialled.
   */
  #replaces(connection: PeerConnection<M>, old: PeerConnection<M>): boolean {
    const [theirs, before] = [must(connection.theirs, "greeting"), must(old.theirs, "greeting")];
    if (theirs.instance !== before.instance || connection.dialled === old.dialled) return true;
    const smallerDials = this.#options.greeting.name < theirs.name;
    return connection.dialled === smallerDials;
  }

  #connectionClosed(connection: PeerConnection<M>, dialled: string | null, reason: string): void {
    this.#all.delete(connection);
    const peer = connection.peer;
    if (peer === null) {
      if (dialled !== null) return this.#dialEnded(dialled, reason);
      return this.#options.onLog("WARN", `closed a connection from ${connection.remoteAddress}: ${reason}`);
    }
    if (this.#open.get(peer) !== connection) return;
    this.#open.delete(peer);
    this.#options.onLog("INFO", `disconnected from ${peer}: ${reason}`);
    if (!this.#neighbours.has(peer)) return;
    this.#options.onDisconnected(peer);
    if (this.#options.clock.now() - connection.since >= STEADY_MS) this.#redial.now(peer);
    else this.#redial.failed(peer, true);
  }

  /** Pings quiet neighbours, gives up dead connections, closes unused direct ones. */
  async #heartbeat(): Promise<void> {
    const { clock } = this.#options;
    while (
      await clock.sleep(HEARTBEAT_MS, this.#closed.signal).then(
        () => true,
        () => false,
      )
    ) {
      const now = clock.now();
      for (const connection of this.#all) {
        const silent = now - connection.heardAt;
        const unused = now - connection.usedAt;
        if (connection.theirs === null) {
          if (silent >= GREETING_MS) connection.destroy("the peer sent no greeting");
        } else if (silent > 3 * HEARTBEAT_MS) {
          connection.destroy(`nothing came from the peer for ${Math.round(silent / 1000)} s`);
        } else if (!this.#neighbours.has(connection.theirs.name) && unused > DIRECT_IDLE_MS) {
          connection.close("unused");
        } else {
          connection.ping();
        }
      }
    }
  }
}
