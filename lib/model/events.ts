import * as v from "valibot";

const id = v.string();
const ms = v.number();
const int = v.pipe(v.number(), v.integer());
const figure = v.union([v.string(), v.number(), v.boolean(), v.null()]);
const figures = v.record(v.string(), figure);
const judgement = {
  outcome: v.picklist(["passed", "failed", "inconclusive"]),
  summary: v.string(),
  figures,
  limits: figures,
  findings: v.array(v.string()),
};

/** What an expectation's `judge` returns. */
export const JudgementSchema = v.object(judgement);

/** A message on a channel: an inscription, or a blob's reference. */
const channelMessage = v.object({ channel: id, id, blob: v.nullable(id) });

/** What a blob's holders gave back. */
const blobRead = {
  blob: id,
  ok: v.boolean(),
  why: v.string(),
  data: v.nullable(v.string()),
  holders: v.array(
    v.object({ node: id, share: int, outcome: v.picklist(["good", "missing", "corrupt", "unreachable"]) }),
  ),
};

/**
 * Every event that a run can record, by type, with its particulars. `events.ndjson` holds one a line; see `EventLine`
 * for what each line has beside these. `t` is the run's clock in ms. A name under `workload` or `expectation` is the
 * plan's.
 */
export const EVENT_SCHEMAS = {
  /** The first line; the only one with wall time. */
  "run.started": v.object({
    runId: v.string(),
    wallTime: v.nullable(v.string()),
    plan: v.string(),
    seed: v.string(),
    build: v.string(),
  }),
  "stage.started": v.object({ stage: v.string(), deadlineMs: ms }),
  "stage.ended": v.object({ stage: v.string(), outcome: v.picklist(["done", "failed", "late", "cancelled"]), ms }),
  /** A task that the plan needs; none of these in a simulation. Options are those in force. */
  "task.started": v.object({ task: v.string(), options: v.record(v.string(), v.string()) }),
  /** What it is doing, at most each 2 s. */
  "task.progress": v.object({ task: v.string(), text: v.string() }),
  "task.note": v.object({ task: v.string(), text: v.string() }),
  "task.ended": v.object({
    task: v.string(),
    outcome: v.picklist(["done", "skipped", "failed", "cancelled"]),
    why: v.string(),
    ms,
  }),
  /** Slot 0 on the run's clock. */
  "chain.scheduled": v.object({ chainStart: ms, slotMs: ms }),
  /** A node's process was started. `by` tells a start of the deployment from one by a fault. */
  "node.started": v.object({ node: id, start: int, handle: v.string(), by: v.picklist(["run", "fault", "foreign"]) }),
  /** It answered for the first time since that start. */
  "node.answered": v.object({ node: id, start: int }),
  /** It has its peers and, where blobs are planned, its membership. */
  "node.ready": v.object({ node: id, start: int, peers: int }),
  "node.ended": v.object({ node: id, start: int, expected: v.boolean(), why: v.string() }),
  /** It stopped answering, or answers again. */
  "node.reachable": v.object({ node: id, reachable: v.boolean(), why: v.string() }),
  /** A control call froze it, or let it go on. */
  "node.paused": v.object({ node: id, paused: v.boolean() }),
  /** A control call put its clock ahead of the time, or behind where negative; 0 sets it right. */
  "node.clock": v.object({ node: id, offsetMs: v.number() }),
  /** A control call replaced the conditions of all links; those not listed are clear. */
  "links.set": v.object({
    conditions: v.array(
      v.object({
        from: id,
        to: id,
        delayMs: ms,
        jitterMs: ms,
        loss: v.number(),
        bandwidthKbit: v.optional(v.number()),
      }),
    ),
  }),
  /** What its process has used since its start, and holds. */
  "node.usage": v.object({
    node: id,
    start: int,
    cpuSeconds: v.number(),
    residentBytes: v.number(),
    privateBytes: v.number(),
  }),
  /** What thresholds are held against, of a node's `/metrics`: the sum of each metric's samples. */
  "node.metrics": v.object({ node: id, values: v.record(v.string(), v.number()) }),
  /** A node's log was searched by a rule, in the order of the plan, at the end of settle: the first lines that match. */
  "log.searched": v.object({
    node: id,
    rule: int,
    lines: int,
    matches: int,
    first: v.array(v.object({ line: int, text: v.string() })),
  }),
  /** First sight of a block, on any node and any branch. */
  "block.seen": v.object({
    node: id,
    block: id,
    parent: id,
    height: int,
    slot: int,
    txs: v.array(id),
    messages: v.array(channelMessage),
    /** The node that made it, where its header shows that. */
    leader: v.optional(id),
  }),
  /** A node's view moved. `libHeight` is null while the feed has not seen that block's height. */
  "chain.view": v.object({ node: id, tip: id, height: int, slot: int, lib: id, libHeight: v.nullable(int) }),
  /**
   * What a node says of its chain can't be true: its tip's `height` or `slot` is not what the tip's blocks make it, its
   * `lib` is not on the way to its tip, or it has not got a `block` of its own chain. `said` is its word, `seen` what
   * its blocks say.
   */
  "node.contradiction": v.object({
    node: id,
    about: v.picklist(["height", "slot", "lib", "block"]),
    tip: id,
    said: v.string(),
    seen: v.string(),
  }),
  /**
   * The judged window, in slots of the chain, both ends included: `window.opened` has the first judged slot and the
   * canonical height when it began, `window.closed` the last judged slot, old enough that its block has been seen.
   */
  "window.opened": v.object({ slot: int, height: int }),
  "window.closed": v.object({ slot: int, height: int }),
  /** A generator intends a transaction: `intended` is the time that its schedule gave it. */
  "tx.planned": v.object({ workload: v.string(), n: int, intended: ms }),
  /**
   * The transaction of this start is one that must not pass; `kind` says why. Comes before it is submitted. A node whose LIB
   * is at height `refusedFrom` or above must refuse it; without that, its state decides.
   */
  "tx.invalid": v.object({
    workload: v.string(),
    n: int,
    tx: id,
    kind: v.string(),
    refusedFrom: v.optional(int),
  }),
  "tx.submitted": v.object({ workload: v.string(), n: int, tx: id, node: id, intended: ms }),
  /** `duplicate` when it had the transaction already, from another node or from before. */
  "tx.accepted": v.object({ tx: id, node: id, duplicate: v.optional(v.literal(true)) }),
  /** A node refused it. `final` when no other node will be asked. */
  "tx.refused": v.object({ tx: id, node: id, reason: v.string(), final: v.boolean() }),
  /**
   * A planned start that no wallet was free for, or that came more than a slot late. `generator` when the generator
   * itself was late: that says nothing about the network.
   */
  "tx.missed": v.object({
    workload: v.string(),
    n: int,
    intended: ms,
    why: v.string(),
    generator: v.optional(v.boolean()),
  }),
  /**
   * A search for the highest rate held this one from `from` on, and counts the starts intended from `countFrom` until
   * before `countUntil`. `drained` when the chain had all that was sent before the next rate.
   */
  "limit.probe": v.object({
    workload: v.string(),
    probe: int,
    rate: v.number(),
    per: v.picklist(["block", "second"]),
    from: ms,
    countFrom: ms,
    countUntil: ms,
    drained: v.boolean(),
  }),
  "inscription.submitted": v.object({ workload: v.string(), channel: id, message: id, tx: id, node: id, intended: ms }),
  "inscription.accepted": v.object({ channel: id, message: id }),
  "inscription.failed": v.object({ channel: id, why: v.string() }),
  "blob.planned": v.object({ workload: v.string(), n: int, channel: id, intended: ms, size: int }),
  "blob.submitted": v.object({ workload: v.string(), n: int, channel: id, node: id, intended: ms }),
  /**
   * An executor dispersed it: every subnetwork holds its share. `message` is null where ids can't be predicted; `data`
   * is the BLAKE2b-256 digest of what was sent.
   */
  "blob.dispersed": v.object({
    workload: v.string(),
    n: int,
    blob: id,
    message: v.nullable(id),
    node: id,
    data: v.string(),
  }),
  "blob.failed": v.object({ workload: v.string(), n: int, why: v.string() }),
  "blob.missed": v.object({ workload: v.string(), n: int, intended: ms, why: v.string() }),
  /**
   * An included blob was read back: `ok` when its holders' shares gave it back, `data` then being the digest of what
   * they gave, to be compared with that of `blob.dispersed`.
   */
  "blob.read": v.object(blobRead),
  /** The same while the network is driven, when faults may keep holders away. */
  "blob.sampled": v.object(blobRead),
  /** The wallets' notes in the genesis. Amounts are decimal text. */
  "wallets.funded": v.object({
    wallets: v.array(v.object({ wallet: v.string(), pk: id, note: id, value: v.string() })),
  }),
  /** What a block's transactions spend and make. */
  "block.transfers": v.object({
    block: id,
    transfers: v.array(
      v.object({ tx: id, inputs: v.array(id), outputs: v.array(v.object({ note: id, pk: id, value: v.string() })) }),
    ),
  }),
  /** What a node gives for each wallet's balance at its tip; null for keys that it doesn't watch. */
  "node.balances": v.object({ node: id, tip: id, balances: v.record(v.string(), v.nullable(v.string())) }),
  /** Transactions that a node's mempool holds. */
  "node.mempool": v.object({ node: id, pending: int }),
  "fault.planned": v.object({ fault: v.string(), kind: v.string(), target: v.string(), at: ms }),
  /** Not started, with the reason: cooldown, quorum, window. */
  "fault.skipped": v.object({ fault: v.string(), why: v.string() }),
  "fault.started": v.object({ fault: v.string(), kind: v.string(), target: v.string() }),
  /** Seen by an observer other than the call that made it. */
  "fault.effective": v.object({ fault: v.string(), seen: v.string() }),
  "fault.ineffective": v.object({ fault: v.string(), seen: v.string() }),
  /** The act was undone: its processes were started again, its links cleared. From here on it can heal. */
  "fault.ended": v.object({ fault: v.string() }),
  /** The target answers and its chain moves again. */
  "fault.healed": v.object({ fault: v.string(), seen: v.string() }),
  "fault.unhealed": v.object({ fault: v.string(), seen: v.string() }),
  /** A sample of a metric of a custom workload's or expectation's own. */
  "metric.recorded": v.object({ by: v.string(), name: v.string(), value: v.number() }),
  /** Anything that a custom workload or expectation wants on record. */
  observation: v.object({ by: v.string(), data: v.record(v.string(), v.unknown()) }),
  "workload.ended": v.object({
    workload: v.string(),
    outcome: v.picklist(["done", "failed", "cancelled"]),
    why: v.string(),
    figures,
  }),
  "expectation.judged": v.object({
    expectation: v.string(),
    kind: v.string(),
    ...judgement,
  }),
  "inventory.created": v.object({ kind: v.string(), id, name: v.string(), by: v.string() }),
  "inventory.removed": v.object({ id, removed: v.boolean(), by: v.optional(v.literal("foreign")) }),
  /** Something the run wants a person to know that changes no verdict. */
  warning: v.object({ text: v.string() }),
  error: v.object({ code: v.string(), message: v.string(), hint: v.nullable(v.string()), stage: v.string() }),
  "run.verdict": v.object({
    verdict: v.picklist(["passed", "failed", "inconclusive", "error", "interrupted"]),
    why: v.string(),
  }),
  /** The last line: how many lines came before it, and the SHA-256 of their bytes, newlines included. */
  "run.ended": v.object({ count: int, sha256: v.string() }),
} as const;

export type EventType = keyof typeof EVENT_SCHEMAS;
/** The particulars of an event type. */
export type EventData<T extends EventType> = v.InferOutput<(typeof EVENT_SCHEMAS)[T]>;
/** One event as consumers see it. */
export type RunEvent = {
  [T in EventType]: { readonly v: 1; readonly seq: number; readonly t: number; readonly type: T } & EventData<T>;
}[EventType];
/** One event of a type. */
export type EventOf<T extends EventType> = Extract<RunEvent, { type: T }>;

/** Where events are recorded. Stamps sequence number and time. */
export interface EventSink {
  emit<T extends EventType>(type: T, data: EventData<T>): void;
}
