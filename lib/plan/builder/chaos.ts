import type { Duration } from "../../core/duration.ts";
import type { Json } from "../../model/plan.ts";
import { callSite } from "../call-site.ts";
import { MAX_NODES } from "../limits.ts";
import { shown } from "../shown.ts";
import type { Draft, DraftPiece, Site } from "./draft.ts";
import { readOptions } from "./options-object.ts";
import { type Read, readDuration, readFlag, readWhole } from "./read.ts";
import type { ScenarioBuilder } from "./scenario.ts";

/** What `restart` can be given at once, instead of by chained calls. */
export interface RestartOptions {
  /** Shortest time between two restarts; `"10s"` by default. */
  readonly minDelay?: Duration;
  /** Longest time between two restarts; `"30s"` by default. */
  readonly maxDelay?: Duration;
  /** How long a restarted node is left alone; `"60s"` by default, at least `minDelay`. */
  readonly targetCooldown?: Duration;
  /** Whether validators are restarted; true by default. A single validator never is. */
  readonly includeValidators?: boolean;
  /** Whether executors are restarted; true by default. */
  readonly includeExecutors?: boolean;
}

/** Faults at random moments, drawn from the seed. Needs `enableNodeControl()`. */
export class ChaosBuilder {
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
   * Restarts nodes: SIGTERM, 5 s of grace, SIGKILL, then a start with the same files and addresses.
   * @param options all at once; or chain the calls of what this returns
   */
  restart(options: RestartOptions = {}): ChaosRestartBuilder {
    const at = callSite(this.restart);
    this.#draft.wrote("workloads.chaos.options.restart", at);
    this.#piece.options["restart"] ??= {};
    const builder = new ChaosRestartBuilder(this.#draft, this.#piece, this.#scenario);
    builder.setAll(options, at);
    return builder;
  }

  /**
   * Most nodes that faults keep down at the same time. More than half of the stake always stays up.
   * @param count a whole number from 1; 1 by default
   */
  maxUnavailable(count: number): this {
    const at = callSite(this.maxUnavailable);
    const read = readWhole(`maxUnavailable(${shown(count)})`, count, 1, MAX_NODES);
    this.#draft.take("workloads.chaos.options.maxUnavailable", at, read, (value) => {
      this.#piece.options["maxUnavailable"] = value;
    });
    return this;
  }

  /** Back to the scenario. Accepted, never needed. */
  apply(): ScenarioBuilder {
    return this.#scenario;
  }
}

/** Restarts of nodes: how often, and which. */
export class ChaosRestartBuilder {
  readonly #draft: Draft;
  readonly #piece: DraftPiece;
  readonly #scenario: ScenarioBuilder;

  /** @internal */
  constructor(draft: Draft, piece: DraftPiece, scenario: ScenarioBuilder) {
    this.#draft = draft;
    this.#piece = piece;
    this.#scenario = scenario;
  }

  /** Shortest time between two restarts; above 0, `"10s"` by default. */
  minDelay(delay: Duration): this {
    return this.#option("minDelayMs", callSite(this.minDelay), readDuration("minDelay", delay));
  }

  /** Longest time between two restarts; at least `minDelay`, `"30s"` by default. */
  maxDelay(delay: Duration): this {
    return this.#option("maxDelayMs", callSite(this.maxDelay), readDuration("maxDelay", delay));
  }

  /** How long a restarted node is left alone, each node for itself; at least `minDelay`, `"60s"` by default. */
  targetCooldown(pause: Duration): this {
    return this.#option("targetCooldownMs", callSite(this.targetCooldown), readDuration("targetCooldown", pause));
  }

  /** Whether validators are restarted; true by default. A single validator never is. */
  includeValidators(include: boolean): this {
    return this.#option("includeValidators", callSite(this.includeValidators), readFlag("includeValidators", include));
  }

  /** Whether executors are restarted; true by default. */
  includeExecutors(include: boolean): this {
    return this.#option("includeExecutors", callSite(this.includeExecutors), readFlag("includeExecutors", include));
  }

  /** Back to the scenario. Accepted, never needed. */
  apply(): ScenarioBuilder {
    return this.#scenario;
  }

  /** @internal */
  setAll(options: RestartOptions, at: Site): void {
    const known = ["minDelay", "maxDelay", "targetCooldown", "includeValidators", "includeExecutors"] as const;
    const given = readOptions(this.#draft, "workloads.chaos.options.restart", "restart", at, options, known);
    for (const key of ["minDelay", "maxDelay", "targetCooldown"] as const) {
      const delay = given[key];
      if (delay !== undefined) this.#option(`${key}Ms`, at, readDuration(`restart ${key}`, delay));
    }
    for (const key of ["includeValidators", "includeExecutors"] as const) {
      const include = given[key];
      if (include !== undefined) this.#option(key, at, readFlag(`restart ${key}`, include));
    }
  }

  #option(key: string, at: Site, read: Read<Json>): this {
    this.#draft.take(`workloads.chaos.options.restart.${key}`, at, read, (value) => {
      this.#piece.options["restart"] = { ...(this.#piece.options["restart"] as object), [key]: value };
    });
    return this;
  }
}
