import { blake2b256 } from "../../chain/blake2b.ts";
import { txHash } from "../../chain/suite.ts";
import type { SignedTx } from "../../chain/types.ts";
import { channelSigner } from "../../chain/wallet.ts";
import { bytesToHex } from "../../core/bytes.ts";
import { CodedError, must } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";
import type { RunningNode } from "../../model/cluster.ts";
import type { RunContext } from "../../model/run-context.ts";
import { offerTx } from "../offer.ts";
import type { Channel, Message } from "./channel.ts";

/**
 * How long an executor may take for a dispersal before another is asked, ms: five slots, and 2 s for what does not
 * shrink with them. It answers once every subnetwork has its share, which takes milliseconds while all are up.
 */
function dispersalTimeoutMs(slotMs: number): number {
  return 5 * slotMs + 2_000;
}

/** Brings messages to nodes, and tells the record of it. */
export class Delivery {
  readonly #workload: string;
  readonly #ctx: RunContext;
  readonly #nodes: Random;
  readonly #executors: Random;

  constructor(workload: string, ctx: RunContext) {
    this.#workload = workload;
    this.#ctx = ctx;
    this.#nodes = ctx.random("nodes");
    this.#executors = ctx.random("executors");
  }

  /**
   * Delivers a message, trying again with a pause of half a slot until a node takes it or the chain turns out to have
   * it. Rejects only when the run's signal aborts.
   */
  async deliver(channel: Channel, message: Message): Promise<void> {
    const { clock, feed, plan, signal } = this.#ctx;
    message.sending = true;
    try {
      while (!channel.isConfirmed(message)) {
        if (await this.#deliverOnce(channel, message)) {
          message.deliveredAt = feed.head().height;
          return;
        }
        await clock.sleep(plan.consensus.slotMs / 2, signal);
      }
    } finally {
      message.sending = false;
    }
  }

  /** Records what was delivered although its answer did not come: the chain has it. */
  recordUnanswered(channel: Channel): void {
    const { events, feed } = this.#ctx;
    for (const message of channel.takeUnanswered()) {
      const { content, id, blob, askedOf: node } = message;
      message.deliveredAt = feed.head().height;
      if (id === null || node === null) continue;
      if (content.type === "inscription") events.emit("inscription.accepted", { channel: channel.id, message: id });
      if (content.type !== "blob" || blob === null) continue;
      const { n, data } = content;
      events.emit("blob.dispersed", {
        workload: this.#workload,
        n,
        blob,
        message: id,
        node,
        data: digestOfData(data),
      });
    }
  }

  /**
   * A blob goes to an executor. Once one has dispersed it, its holders have the shares and only its transaction can have
   * been lost, so that is offered to another node.
   */
  async #deliverOnce(channel: Channel, message: Message): Promise<boolean> {
    const { content, deliveredAt } = message;
    if (content.type === "buried") return true;
    const signed = channel.transactionOf(message);
    if (content.type === "inscription") return signed !== null && this.#inscribe(channel, message, signed);
    if (deliveredAt !== null && signed !== null && (await this.#offerAgain(channel, message, content.n, signed))) {
      return true;
    }
    return this.#disperse(channel, message, content);
  }

  async #inscribe(channel: Channel, message: Message, signed: SignedTx): Promise<boolean> {
    const { events } = this.#ctx;
    const id = must(message.id, `the id of the inscription of channel ${channel.id}`);
    const particulars = { workload: this.#workload, channel: channel.id, message: id, tx: txHash(signed.tx) };
    const taken = await this.#offer(message, signed, (node) =>
      events.emit("inscription.submitted", { ...particulars, node, intended: message.intended }),
    );
    if (taken) events.emit("inscription.accepted", { channel: channel.id, message: id });
    return taken;
  }

  #offerAgain(channel: Channel, message: Message, n: number, signed: SignedTx): Promise<boolean> {
    const { intended } = message;
    const particulars = { workload: this.#workload, n, channel: channel.id, intended };
    return this.#offer(message, signed, (node) => this.#ctx.events.emit("blob.submitted", { ...particulars, node }));
  }

  async #offer(message: Message, signed: SignedTx, submitting: (node: string) => void): Promise<boolean> {
    const node = await offerTx(
      this.#ctx,
      this.#nodes,
      {
        tx: signed,
        avoid: message.askedOf ?? undefined,
        submitting: (name) => {
          message.askedOf = name;
          submitting(name);
        },
        refused: (name, reason) => {
          message.lastError = `${name}: ${reason}`;
        },
      },
      this.#ctx.signal,
    );
    return node !== null;
  }

  /** Asks the running executors in random order, each once. */
  async #disperse(channel: Channel, message: Message, content: { n: number; data: Uint8Array }): Promise<boolean> {
    const { cluster } = this.#ctx;
    const executors = cluster.running().filter(({ planned }) => planned.role === "executor");
    if (executors.length === 0) message.lastError = "no executor is running";
    for (const executor of this.#executors.shuffle(executors)) {
      if (channel.isConfirmed(message)) return true;
      if (await this.#disperseOn(executor, channel, message, content)) return true;
    }
    return false;
  }

  async #disperseOn(
    executor: RunningNode,
    channel: Channel,
    message: Message,
    { n, data }: { n: number; data: Uint8Array },
  ): Promise<boolean> {
    const { events, plan, signal } = this.#ctx;
    const node = executor.planned.name;
    const workload = this.#workload;
    const { intended, parent } = message;
    message.askedOf = node;
    events.emit("blob.submitted", { workload, n, channel: channel.id, node, intended });
    try {
      const { blob } = await executor.client.disperse(
        { channel: channel.id, parent, signer: channelSigner().key, data },
        { timeoutMs: dispersalTimeoutMs(plan.consensus.slotMs), signal },
      );
      events.emit("blob.dispersed", { workload, n, blob, message: message.id, node, data: digestOfData(data) });
      return true;
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof CodedError)) throw thrown;
      message.lastError = `${node}: ${thrown.code}: ${thrown.message}`;
      return false;
    }
  }
}

/** BLAKE2b-256 of what was sent or came back, hex. */
export function digestOfData(data: Uint8Array): string {
  return bytesToHex(blake2b256(data));
}
