import type { Block, ChainInfo, HeaderId, NotePublicKey } from "../../chain/types.ts";
import type { Output } from "../machine/types.ts";
import { Disguise } from "./disguise.ts";
import type { MisbehaviourOf } from "./misbehaviour.ts";

/** A node that tells of its chain as it was. */
export class ServesOldTip extends Disguise<MisbehaviourOf<"serve-old-tip">> {
  override info(): ChainInfo {
    const info = this.machine.info();
    if (!this.begun) return info;
    const tip = this.#back(info.tip, info.height, ({ header }) => header.slot > this.slot - this.dose.slots);
    const deepest = tip.height - this.config.consensus.k;
    const lib = this.#back(tip.id, tip.height, (_, height) => height > deepest);
    return { ...info, tip: tip.id, height: tip.height, slot: tip.slot, lib: lib.id };
  }

  /** The first block from `id` back that need not be passed over; genesis where all must. */
  #back(
    id: HeaderId,
    height: number,
    passes: (block: Block, height: number) => boolean,
  ): { readonly id: HeaderId; readonly height: number; readonly slot: number } {
    let at = id;
    let left = height;
    for (let block = this.machine.block(at); block; block = this.machine.block(at)) {
      if (!passes(block, left)) return { id: at, height: left, slot: block.header.slot };
      at = block.header.parent;
      left--;
    }
    return { id: at, height: left, slot: 0 };
  }

  override headers(from?: HeaderId, to?: HeaderId): readonly HeaderId[] {
    return this.machine.headers(from ?? this.info().tip, to);
  }

  override branchTips(): readonly HeaderId[] {
    return this.begun ? [this.info().tip] : this.machine.branchTips();
  }

  override balance(pk: NotePublicKey, tip?: HeaderId): bigint | null {
    return this.machine.balance(pk, tip ?? this.info().tip);
  }

  protected override say(outputs: readonly Output[]): readonly Output[] {
    const { tip, height } = this.info();
    return outputs.map((output) =>
      output.type === "send" && output.message.type === "hello"
        ? { ...output, message: { ...output.message, tip, height } }
        : output,
    );
  }
}

/** A node that gives its tip another height than its blocks do. */
export class LiesAboutHeight extends Disguise<MisbehaviourOf<"lie-about-height">> {
  override info(): ChainInfo {
    const info = this.machine.info();
    return this.begun ? { ...info, height: this.#wrong(info.height) } : info;
  }

  #wrong(height: number): number {
    return Math.max(0, height + this.dose.by);
  }

  protected override say(outputs: readonly Output[]): readonly Output[] {
    return outputs.map((output) =>
      output.type === "send" && output.message.type === "hello"
        ? { ...output, message: { ...output.message, height: this.#wrong(output.message.height) } }
        : output,
    );
  }
}
