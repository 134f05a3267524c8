import type { BlobId, Block, ChainInfo, HeaderId, NotePublicKey, Share, SignedTx, TxHash } from "../../chain/types.ts";
import { BlockTree } from "./block-tree.ts";
import { Chain } from "./chain.ts";
import { DataAvailability } from "./data-availability.ts";
import { Gossip } from "./gossip.ts";
import { Importer } from "./importer.ts";
import { LEDGER_RULES, type LedgerRules } from "./ledger-rules.ts";
import { Mempool } from "./mempool.ts";
import { metricsOf } from "./metrics.ts";
import { Outbox } from "./outbox.ts";
import { Producer } from "./producer.ts";
import { balanceAt, headersBetween, totalValueAt, txStatusOf } from "./queries.ts";
import { restoreTree } from "./restore.ts";
import { createSharedMemo, type SharedMemo } from "./shared-memo.ts";
import { SlotClock } from "./slot-clock.ts";
import { answerSync, Sync } from "./sync.ts";
import type { Input, Machine, MachineConfig, Message, Refusal, Snapshot, Step } from "./types.ts";
import { Verifier } from "./verifier.ts";

/** Slots after which a node is Online even if no neighbour said hello, or the first sync brings nothing more. */
const BOOTSTRAP_SLOTS = { alone: 1, syncing: 10 } as const;
const LOG = "nomos::node";

/**
 * A node at rest. It says nothing before its first step, {@link Machine.start}.
 * @param snapshot everything it persisted before, or null for a new node
 * @param now ms on the clock by which `config.chainStart` is told
 * @param memo given to all machines of one network in one process, it saves work; results are the same without. Machines
 *   of other rules need one of their own.
 * @param rules what transactions are held against; the chain's rules by default
 * @throws CodedError NR-NODE-STORE when the snapshot is damaged
 */
export function createMachine(
  config: MachineConfig,
  snapshot: Snapshot | null,
  now: number,
  memo: SharedMemo = createSharedMemo(),
  rules: LedgerRules = LEDGER_RULES,
): Machine {
  return new NodeMachine(config, snapshot, now, memo, rules);
}

class NodeMachine implements Machine {
  readonly #config: MachineConfig;
  readonly #outbox = new Outbox();
  readonly #gossip = new Gossip(this.#outbox);
  readonly #slots: SlotClock;
  readonly #tree: BlockTree;
  readonly #mempool: Mempool;
  readonly #verifier: Verifier;
  readonly #chain: Chain;
  readonly #da: DataAvailability;
  readonly #importer: Importer;
  readonly #sync: Sync;
  readonly #producer: Producer;
  #now: number;
  /** The last slot that was entered. */
  #slot = -1;
  #slotTicks = 0;
  #connections = 0;
  #online = false;
  #heard = false;
  /** Whether a neighbour has named a tip to fetch. */
  #fetching = false;
  /** When the node is Online even if nobody said hello, or the first sync goes on. */
  #patience: number;

  constructor(config: MachineConfig, snapshot: Snapshot | null, now: number, memo: SharedMemo, rules: LedgerRules) {
    const { genesis, consensus, da, identity } = config;
    const outbox = this.#outbox;
    const gossip = this.#gossip;
    const { slotMs, k } = consensus;
    this.#config = config;
    this.#now = now;
    this.#patience = now;
    this.#slots = new SlotClock(config.chainStart, slotMs);
    const verifier = new Verifier(genesis, consensus, memo, rules);
    const tree = new BlockTree(genesis, verifier.origin.state, consensus);
    if (snapshot) restoreTree(tree, verifier, snapshot);
    const mempool = new Mempool(verifier);
    const chain = new Chain(tree, mempool, outbox);
    const isWanted = (blob: BlobId) => mempool.wants(blob) || this.#importer.awaits(blob);
    const submit = (signed: SignedTx) => this.#submit(signed);
    const isKnown = (signed: SignedTx) => this.#isKnown(verifier.facts(signed).hash);
    const sampled = () => this.#importer.retryHeld();
    this.#da = new DataAvailability(
      { identity, da, slotMs, outbox, memo, isWanted, submit, isKnown, sampled, now: () => this.#now },
      snapshot,
    );
    const { sampler } = this.#da;
    const fetch = (id: HeaderId, from: string) => this.#sync.want(id, from, this.#now);
    this.#importer = new Importer({ chain, verifier, mempool, sampler, gossip, outbox, k, fetch });
    this.#sync = new Sync(tree, gossip, outbox, slotMs, (id) => this.#importer.isThere(id));
    this.#producer = new Producer(
      { identity, params: consensus, chain, mempool, sampler, gossip, verifier, outbox, memo },
      snapshot?.lastProposedSlot ?? -1,
    );
    this.#tree = tree;
    this.#verifier = verifier;
    this.#mempool = mempool;
    this.#chain = chain;
  }

  start(now: number): Step {
    this.#now = Math.max(this.#now, now);
    this.#patience = this.#now + BOOTSTRAP_SLOTS.alone * this.#slots.slotMs;
    const { tip } = this.#tree;
    const { name, role } = this.#config.identity;
    this.#outbox.log("INFO", LOG, `${role} ${name} starts with tip 0x${tip.id} at height ${tip.height}`);
    return this.#step(() => undefined, now);
  }

  handle(input: Input, now: number): Step {
    return this.#step(() => this.#take(input), now);
  }

  /** What time brings comes before what the input brings. */
  #step(work: () => void, now: number): Step {
    this.#now = Math.max(this.#now, now);
    this.#advance();
    work();
    this.#checkOnline();
    return { outputs: this.#outbox.take(), wake: this.#wake() };
  }

  #advance(): void {
    const slot = this.#slots.slotAt(this.#now);
    if (slot > this.#slot) {
      this.#slot = slot;
      this.#slotTicks++;
      this.#checkOnline();
      if (this.#online) this.#producer.enterSlot(slot);
      this.#importer.enterSlot(slot);
    }
    this.#sync.expire(this.#now);
    this.#da.expire();
  }

  #wake(): number {
    const online = this.#online ? Number.POSITIVE_INFINITY : this.#patience;
    return Math.min(this.#slots.startOf(this.#slot + 1), this.#sync.deadline, this.#da.deadline, online);
  }

  /** A node without neighbours is Online at once; others when the first hello brought nothing to fetch, or in the end anyway. */
  #checkOnline(): void {
    if (this.#online) return;
    const caughtUp = this.#heard && !this.#sync.busy;
    this.#online = this.#config.neighbours.length === 0 || caughtUp || this.#now >= this.#patience;
    if (this.#online) this.#outbox.log("INFO", LOG, `Online at height ${this.#tree.tip.height}`);
  }

  #take(input: Input): void {
    switch (input.type) {
      case "tick":
        return;
      case "connected":
        return this.#connected(input.peer);
      case "disconnected":
        this.#gossip.disconnect(input.peer);
        return this.#sync.disconnected(input.peer, this.#now);
      case "message":
        return this.#hear(input.from, input.message);
      case "submit":
        return this.#outbox.submitted(input.call, this.#submit(input.tx));
      case "disperse":
        return this.#da.disperser.start(input.call, input.request);
    }
  }

  /** Says where this node is, and offers what it would like to see in a block: it may have been cut off when it arrived. */
  #connected(peer: string): void {
    this.#gossip.connect(peer);
    this.#connections++;
    const { tip } = this.#tree;
    this.#outbox.send(peer, { type: "hello", genesis: this.#config.genesis.id, tip: tip.id, height: tip.height });
    for (const tx of this.#mempool.pending()) this.#outbox.send(peer, { type: "tx", tx });
  }

  #hear(from: string, message: Message): void {
    switch (message.type) {
      case "hello":
        return this.#greeted(from, message);
      case "block":
        return this.#importer.offer({ block: message.block, from, relay: true });
      case "tx":
        this.#submit(message.tx, from);
        return;
      case "sync-request":
        return this.#outbox.send(from, answerSync(this.#tree, message));
      case "sync-reply":
        return this.#synced(from, message);
      default:
        return this.#da.hear(from, message);
    }
  }

  #greeted(from: string, hello: Extract<Message, { type: "hello" }>): void {
    if (hello.genesis !== this.#config.genesis.id) {
      this.#outbox.log("ERROR", LOG, `${from} is of another network: its genesis is 0x${hello.genesis}`);
      return;
    }
    this.#heard = true;
    if (hello.height < this.#tree.tip.height || this.#importer.isThere(hello.tip)) return;
    if (!this.#fetching) this.#wait();
    this.#fetching = true;
    this.#sync.want(hello.tip, from, this.#now);
  }

  /** Takes in blocks that were asked for. Neighbours hear of the outcome, not of every block. */
  #synced(from: string, reply: Extract<Message, { type: "sync-reply" }>): void {
    const before = this.#tree.tip;
    const unknown = reply.blocks.filter(({ id }) => !this.#importer.isThere(id));
    for (const block of reply.blocks) this.#importer.offer({ block, from, relay: false });
    this.#importer.retryHeld();
    const { tip } = this.#tree;
    if (tip !== before && tip.slot < this.#slot - BOOTSTRAP_SLOTS.syncing) this.#wait();
    if (tip !== before && tip.block && reply.blocks.includes(tip.block)) {
      this.#gossip.flood({ type: "block", block: tip.block }, from);
    }
    const progress = unknown.some(({ id }) => this.#importer.isThere(id));
    this.#sync.replied(from, reply, progress, this.#now);
  }

  /** Gives the first sync time: when it begins, and while it brings blocks that are far behind. Claims alone don't. */
  #wait(): void {
    this.#patience = this.#now + BOOTSTRAP_SLOTS.syncing * this.#slots.slotMs;
  }

  /** Brings a transaction into the mempool, and if it is new, to the neighbours. */
  #submit(signed: SignedTx, from?: string): Refusal | null {
    const { tip, lib } = this.#tree;
    const refusal = this.#mempool.add(signed, this.#tree.stateOf(tip), this.#tree.stateOf(lib), this.#now);
    if (refusal) return refusal;
    this.#gossip.flood({ type: "tx", tx: signed }, from);
    for (const blob of this.#verifier.facts(signed).blobs) this.#da.sampler.request(blob);
    return null;
  }

  #isKnown(hash: TxHash): boolean {
    return this.#mempool.has(hash) || this.#tree.stateOf(this.#tree.tip).included.has(hash);
  }

  info(): ChainInfo {
    const { tip, lib } = this.#tree;
    const mode = this.#online ? "Online" : "Bootstrapping";
    return { lib: lib.id, tip: tip.id, slot: tip.slot, height: tip.height, mode };
  }

  headers(from?: HeaderId, to?: HeaderId): readonly HeaderId[] {
    return headersBetween(this.#tree, from, to);
  }

  branchTips(): readonly HeaderId[] {
    return this.#tree.branchTips();
  }

  block(id: HeaderId): Block | null {
    return this.#tree.block(id);
  }

  txStatus(hashes: readonly TxHash[]) {
    return txStatusOf(this.#tree, this.#mempool, hashes);
  }

  mempoolMetrics() {
    return this.#mempool.metrics();
  }

  balance(pk: NotePublicKey, tip: HeaderId = this.#tree.tip.id): bigint | null {
    return balanceAt(this.#tree, pk, tip);
  }

  peers(): readonly string[] {
    return this.#gossip.peers();
  }

  share(blob: BlobId, index: number): Share | null {
    return this.#da.shares.get(blob, index);
  }

  shares(blob: BlobId): readonly Share[] {
    return this.#da.shares.of(blob);
  }

  daMembership() {
    return this.#config.da.members;
  }

  totalValue(id: HeaderId = this.#tree.lib.id): bigint | null {
    return totalValueAt(this.#tree, id);
  }

  metrics(): Readonly<Record<string, number>> {
    return metricsOf({
      chain: this.#chain,
      mempool: this.#mempool,
      gossip: this.#gossip,
      importer: this.#importer,
      producer: this.#producer,
      sampler: this.#da.sampler,
      slot: Math.max(0, this.#slot),
      slotTicks: this.#slotTicks,
      connections: this.#connections,
    });
  }
}
