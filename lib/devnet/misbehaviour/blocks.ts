import { electorateOf, type Leader, leaderOf, sealBlock } from "../../chain/leadership.ts";
import type { Block, HeaderId } from "../../chain/types.ts";
import { signInscription } from "../../chain/wallet.ts";
import { bytesToHex } from "../../core/bytes.ts";
import { deriveBytes } from "../../core/random.ts";
import type { Message, Output } from "../machine/types.ts";
import { Disguise, type Disguised } from "./disguise.ts";
import type { MisbehaviourOf } from "./misbehaviour.ts";

/** The channel root, which the first message of a channel has as its parent. */
const ROOT = "0".repeat(64);

/** A leader that keeps blocks to itself. */
export class WithholdsBlocks extends Disguise<MisbehaviourOf<"withhold-blocks">> {
  readonly #key: string;
  readonly #withheld = new Set<HeaderId>();

  constructor(node: Disguised, dose: MisbehaviourOf<"withhold-blocks">) {
    super(node, dose);
    this.#key = leaderOf(node.config.identity.leaderSecret).key;
  }

  protected override say(outputs: readonly Output[]): readonly Output[] {
    for (const output of outputs) {
      if (output.type === "persist" && output.record.type === "block") this.#withhold(output.record.block);
    }
    return outputs.flatMap((output): readonly Output[] => {
      if (output.type !== "send") return [output];
      const message = this.#rid(output.message);
      return message ? [{ ...output, message }] : [];
    });
  }

  #withhold({ id, header }: Block): void {
    const own = header.leadership.leaderKey === this.#key && header.slot >= this.dose.fromSlot;
    if (!own || !this.falls(id)) return;
    this.#withheld.add(id);
    this.note(`keeps its block 0x${id} of slot ${header.slot} to itself`);
  }

  /** The message without blocks that are withheld; null when nothing is left. */
  #rid(message: Message): Message | null {
    if (message.type === "block") return this.#withheld.has(message.block.id) ? null : message;
    if (message.type !== "sync-reply") return message;
    const end = message.blocks.findIndex(({ id }) => this.#withheld.has(id));
    return end < 0 ? message : { ...message, blocks: message.blocks.slice(0, end), more: false };
  }
}

/** A leader that signs two blocks for one slot. */
export class Equivocates extends Disguise<MisbehaviourOf<"equivocate">> {
  readonly #leader: Leader;

  constructor(node: Disguised, dose: MisbehaviourOf<"equivocate">) {
    super(node, dose);
    this.#leader = leaderOf(node.config.identity.leaderSecret);
  }

  /** Every other neighbour is given the twin; who is the only neighbour is given both. */
  protected override say(outputs: readonly Output[]): readonly Output[] {
    // Only what it proposes now: its twins come back to it as blocks to pass on.
    const proposed = outputs.find((output) => output.type === "persist" && output.record.type === "proposed");
    if (!proposed) return outputs;
    const twins = new Map<HeaderId, Block>();
    const told = new Map<HeaderId, number>();
    for (const output of outputs) {
      const block = output.type === "send" && output.message.type === "block" ? output.message.block : null;
      if (!block || block.header.leadership.leaderKey !== this.#leader.key) continue;
      told.set(block.id, (told.get(block.id) ?? 0) + 1);
      if (!twins.has(block.id) && this.falls(block.id)) twins.set(block.id, this.#twinOf(block));
    }
    let count = 0;
    return outputs.flatMap((output): readonly Output[] => {
      if (output.type !== "send" || output.message.type !== "block") return [output];
      const twin = twins.get(output.message.block.id);
      if (!twin) return [output];
      const other: Output = { ...output, message: { type: "block", block: twin } };
      if (told.get(output.message.block.id) === 1) return [output, other];
      return [count++ % 2 === 0 ? output : other];
    });
  }

  /** A block of the same leader, slot and parent, as valid as the other: with one more message on a channel of its own. */
  #twinOf({ id, header, txs }: Block): Block {
    const channel = bytesToHex(deriveBytes(id, "twin"));
    const message = signInscription({ channel, inscription: new Uint8Array(1), parent: ROOT });
    const electorate = electorateOf(this.config.genesis);
    const twin = sealBlock(this.#leader, electorate, header.parent, header.slot, [...txs.slice(0, 1_000), message]);
    this.note(`signs a second block for slot ${header.slot}: 0x${id} and 0x${twin.id}`);
    return twin;
  }
}
