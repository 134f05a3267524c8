import type { BlobId, Share } from "../../chain/types.ts";
import type { Input, Output } from "../machine/types.ts";
import { Disguise } from "./disguise.ts";
import type { Misbehaviour, MisbehaviourOf } from "./misbehaviour.ts";

type ShareKinds = MisbehaviourOf<"lose-shares" | "corrupt-shares" | "withhold-shares">;

/** Who doesn't do with shares what it says: `passedOn` is what others get of one that the machine has. */
abstract class SpoilsShares<M extends ShareKinds & Misbehaviour> extends Disguise<M> {
  protected abstract passedOn(share: Share): Share | null;

  #handOut(share: Share | null): Share | null {
    return share && this.begun && this.falls(share.blob, share.index) ? this.passedOn(share) : share;
  }

  override share(blob: BlobId, index: number): Share | null {
    return this.#handOut(this.machine.share(blob, index));
  }

  override shares(blob: BlobId): readonly Share[] {
    return this.machine.shares(blob).flatMap((share) => this.#handOut(share) ?? []);
  }

  protected override say(outputs: readonly Output[]): readonly Output[] {
    return outputs.map((output) =>
      output.type === "send" && output.message.type === "sample-reply"
        ? { ...output, message: { ...output.message, share: this.#handOut(output.message.share) } }
        : output,
    );
  }
}

/** A holder that has lost what it acknowledged, on disk too. */
export class LosesShares extends SpoilsShares<MisbehaviourOf<"lose-shares">> {
  protected override passedOn(): null {
    return null;
  }

  protected override say(outputs: readonly Output[]): readonly Output[] {
    const kept = outputs.filter(
      (output) =>
        output.type !== "persist" ||
        output.record.type !== "share" ||
        !this.falls(output.record.share.blob, output.record.share.index),
    );
    return super.say(kept);
  }
}

/** A holder whose shares are not what was dispersed. */
export class CorruptsShares extends SpoilsShares<MisbehaviourOf<"corrupt-shares">> {
  protected override passedOn(share: Share): Share {
    const column = Uint8Array.from(share.column);
    column[0] = (column[0] ?? 0) ^ 1;
    return { ...share, column };
  }
}

/** A holder that doesn't answer those who sample, and tells clients that it has nothing. */
export class WithholdsShares extends SpoilsShares<MisbehaviourOf<"withhold-shares">> {
  protected override passedOn(): null {
    return null;
  }

  protected override hear(input: Input): { readonly input: Input | null } {
    const asked = input.type === "message" && input.message.type === "sample-request" ? input.message : null;
    return { input: asked && this.falls(asked.blob, asked.index) ? null : input };
  }
}
