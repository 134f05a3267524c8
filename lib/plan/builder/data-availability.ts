import type { Json } from "../../model/plan.ts";
import { callSite } from "../call-site.ts";
import { shown } from "../shown.ts";
import type { Draft, DraftPiece, Site } from "./draft.ts";
import { type Read, readNotNegative, readPositive, readWhole } from "./read.ts";
import type { ScenarioBuilder } from "./scenario.ts";

/** Most channels of one plan. */
const MAX_CHANNELS = 100_000;
/** Deepest pipeline of one channel. */
const MAX_PIPELINE = 64;

/** Channels with an inscription each, and blobs on them in turn. Needs at least one executor. */
export class DataAvailabilityBuilder {
  readonly #draft: Draft;
  readonly #piece: DraftPiece;
  readonly #scenario: ScenarioBuilder;

  /** @internal */
  constructor(draft: Draft, piece: DraftPiece, scenario: ScenarioBuilder) {
    this.#draft = draft;
    this.#piece = piece;
    this.#scenario = scenario;
  }

  /**
   * Number of channels, in all and not per block, whatever the name says: it is the original's.
   * @param channels a whole number from 1; 1 by default. `headroomPercent` opens more.
   */
  channelRate(channels: number): this {
    const at = callSite(this.channelRate);
    return this.#option("channels", at, readWhole(`channelRate(${shown(channels)})`, channels, 1, MAX_CHANNELS));
  }

  /**
   * Blobs per block over all channels, in turn.
   * @param perBlock above 0, fractions are fine; 1 by default. More than the channels carry is refused: a channel
   *   carries `pipeline` messages a block on nodes whose message ids can be predicted, about 0.3 on real ones.
   */
  blobRate(perBlock: number): this {
    return this.#option("blobRate", callSite(this.blobRate), readPositive(`blobRate(${shown(perBlock)})`, perBlock));
  }

  /**
   * Channels opened beyond those asked for.
   * @param percent of the channels, rounded up to whole ones; 20 by default
   */
  headroomPercent(percent: number): this {
    const at = callSite(this.headroomPercent);
    return this.#option("headroomPercent", at, readNotNegative(`headroomPercent(${shown(percent)})`, percent));
  }

  /**
   * Length of each blob.
   * @param bytes a whole number from 1, at most 2.8 MiB; 248 by default
   */
  blobSize(bytes: number): this {
    const at = callSite(this.blobSize);
    return this.#option("blobSize", at, readWhole(`blobSize(${shown(bytes)})`, bytes, 1, Number.MAX_SAFE_INTEGER));
  }

  /**
   * Messages of one channel that may be under way at once. Counts only on nodes whose message ids can be predicted.
   * @param depth a whole number from 1 to 64; 4 by default
   */
  pipeline(depth: number): this {
    return this.#option(
      "pipeline",
      callSite(this.pipeline),
      readWhole(`pipeline(${shown(depth)})`, depth, 1, MAX_PIPELINE),
    );
  }

  /** Back to the scenario. Accepted, never needed. */
  apply(): ScenarioBuilder {
    return this.#scenario;
  }

  #option(key: string, at: Site, read: Read<Json>): this {
    this.#draft.take(`workloads.data-availability.options.${key}`, at, read, (value) => {
      this.#piece.options[key] = value;
    });
    return this;
  }
}
