import { waitFor } from "../../core/wait.ts";
import type { RunContext } from "../../model/run-context.ts";
import type { Workload } from "../../model/workload.ts";
import { channelsOpened } from "../../plan/capacity.ts";
import type { DataAvailabilityOptions } from "../../plan/options.ts";
import { blockIntervalMs } from "../cadence.ts";
import { OpenLoop, type PlannedStart } from "../open-loop.ts";
import { steady } from "../schedule.ts";
import { TaskSet } from "../task-set.ts";
import { type BlobLayout, Channel, type Message } from "./channel.ts";
import { channelIdOf } from "./channel-id.ts";
import { Delivery } from "./delivery.ts";

/**
 * Blocks by which the first blob comes after the inscriptions, where a channel takes no blob before its inscription is
 * in the chain. Where ids can be predicted, blobs follow at once.
 */
const OPENING_BLOCKS = 3;

/** Opens channels by inscriptions and writes blobs to them in turn, at a steady rate. */
export class DataAvailabilityWorkload implements Workload {
  readonly name: string;
  readonly #options: DataAvailabilityOptions;
  #channels: readonly Channel[] = [];
  #next = 0;

  constructor(name: string, options: DataAvailabilityOptions) {
    this.name = name;
    this.#options = options;
  }

  async start(ctx: RunContext): Promise<void> {
    const layout: BlobLayout = ctx.nodeKind.predictableMessageIds ? ctx.plan.da : null;
    const { pipeline, blobRate, blobSize } = this.#options;
    const count = channelsOpened(this.#options);
    const ids = Array.from({ length: count }, (_, index) => channelIdOf(this.name, index));
    this.#channels = ids.map((id) => new Channel(id, pipeline, layout, ctx.plan.consensus.k));
    const writer = new Writer(this.name, ctx, this.#channels);
    const from = ctx.clock.now();
    const interval = blockIntervalMs(ctx.plan, ctx.nodeKind);
    const loop = new OpenLoop({
      clock: ctx.clock,
      from: layout === null ? from + OPENING_BLOCKS * interval : from,
      until: ctx.driveEnds,
      schedule: steady(interval / blobRate),
      patienceMs: ctx.plan.consensus.slotMs,
      plan: ({ n, intended }) => {
        const channel = ids[n % count] as string;
        ctx.events.emit("blob.planned", { workload: this.name, n, channel, intended, size: blobSize });
      },
      begin: (start) => {
        const channel = this.#channelWithRoom();
        if (!channel) return `no channel is free: all ${count} have as many messages outside the chain as they may`;
        writer.write(channel, start, ctx.random(`payload ${start.n}`).bytes(blobSize));
        return null;
      },
      miss: (start, why) => ctx.events.emit("blob.missed", { workload: this.name, ...start, why }),
    });
    await writer.during(
      () => {
        for (const channel of this.#channels) writer.open(channel);
        return loop.run(ctx.signal);
      },
      () => loop.dispatch(),
    );
  }

  /** The next channel in turn that may carry another message. */
  #channelWithRoom(): Channel | undefined {
    for (let i = 0; i < this.#channels.length; i++) {
      const channel = this.#channels[(this.#next + i) % this.#channels.length] as Channel;
      if (!channel.hasRoom()) continue;
      this.#next = (this.#next + i + 1) % this.#channels.length;
      return channel;
    }
    return undefined;
  }

  /** Delivers again what got lost, until the chain has all that was sent; what no node ever took has failed. */
  async settle(ctx: RunContext): Promise<void> {
    const writer = new Writer(this.name, ctx, this.#channels);
    try {
      await writer.during(
        () => this.#allConfirmed(ctx, writer),
        () => undefined,
      );
    } finally {
      writer.giveUp();
    }
  }

  async #allConfirmed(ctx: RunContext, writer: Writer): Promise<void> {
    for (const channel of this.#channels) writer.resume(channel);
    const { slotMs, k } = ctx.plan.consensus;
    await waitFor({
      clock: ctx.clock,
      what: "every channel message to be in the chain",
      // The stage's own deadline is the one that counts; this one is only never to wait for ever.
      timeoutMs: 120_000 + 20 * k * slotMs,
      intervalMs: slotMs / 4,
      signal: ctx.signal,
      look: () => {
        const left = this.#channels.flatMap((channel) => channel.underWay());
        if (left.length === 0) return { done: true, value: undefined };
        return {
          done: false,
          seen: `${left.length} are not; ${left[0]?.lastError ?? "a node took the first of them"}`,
        };
      },
    });
  }
}

/** Keeps the channels' messages on their way while a stage lasts. */
class Writer {
  readonly #workload: string;
  readonly #ctx: RunContext;
  readonly #channels: readonly Channel[];
  readonly #delivery: Delivery;
  readonly #tasks: TaskSet;

  constructor(workload: string, ctx: RunContext, channels: readonly Channel[]) {
    this.#workload = workload;
    this.#ctx = ctx;
    this.#channels = channels;
    this.#delivery = new Delivery(workload, ctx);
    this.#tasks = new TaskSet(ctx.signal);
  }

  /** Follows the chain while `main` runs. `moved` is told after each move of the chain. */
  async during(main: () => Promise<void>, moved: () => void): Promise<void> {
    for (const channel of this.#channels) {
      channel.resync(this.#ctx.feed);
      this.#delivery.recordUnanswered(channel);
    }
    const unsubscribe = this.#ctx.feed.subscribe((change) => {
      for (const channel of this.#channels) {
        channel.follow(change);
        this.#delivery.recordUnanswered(channel);
        this.resume(channel);
      }
      moved();
    });
    try {
      await this.#tasks.within(main());
    } finally {
      unsubscribe();
    }
  }

  /** Opens a channel by its inscription. */
  open(channel: Channel): void {
    const inscription = new TextEncoder().encode(`Test channel inscription ${channel.id}`);
    this.#send(channel, channel.append({ type: "inscription", inscription }, this.#ctx.clock.now()));
  }

  write(channel: Channel, start: PlannedStart, data: Uint8Array): void {
    this.#send(channel, channel.append({ type: "blob", n: start.n, data }, start.intended));
  }

  /** Delivers what no node has taken, or one has probably lost. */
  resume(channel: Channel): void {
    for (const message of channel.due(this.#ctx.feed.head().height)) this.#send(channel, message);
  }

  #send(channel: Channel, message: Message): void {
    this.#tasks.add(this.#delivery.deliver(channel, message));
  }

  /** Records what was never delivered. */
  giveUp(): void {
    const { events } = this.#ctx;
    for (const channel of this.#channels) {
      for (const { content, deliveredAt, lastError } of channel.underWay()) {
        if (deliveredAt !== null) continue;
        const why = lastError ?? "no node answered before the run settled";
        if (content.type === "buried") continue;
        if (content.type === "inscription") events.emit("inscription.failed", { channel: channel.id, why });
        else events.emit("blob.failed", { workload: this.#workload, n: content.n, why });
      }
    }
  }
}
