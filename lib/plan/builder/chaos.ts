import type { Duration } from "../../core/duration.ts";
import type { Json } from "../../model/plan.ts";
import { callSite } from "../call-site.ts";
import type { FaultKind } from "../chaos-options.ts";
import { MAX_NODES } from "../limits.ts";
import { shown } from "../shown.ts";
import type { Draft, DraftPiece, Site } from "./draft.ts";
import {
  addFault,
  type Bandwidth,
  type ClockOffset,
  type Delay,
  type Join,
  type LastingFault,
  type Loss,
  type NodeFault,
  type Partition,
  type RollingRestart,
} from "./faults.ts";
import { readOptions } from "./options-object.ts";
import { type Read, readDuration, readFlag, readWhole } from "./read.ts";
import type { ScenarioBuilder } from "./scenario.ts";

/** Options of `restart` that random restarts don't have. */
const SCHEDULED = ["at", "every", "targets"];

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

/**
 * Faults, at given times or at random moments that the seed draws. Needs `enableNodeControl()`. Each call adds a fault;
 * only random restarts are set up once.
 */
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
   * @param options all at once; or chain the calls of what this returns. With `at`, `every` or `targets`: one more
   *   fault, at those times
   * @example .restart({ at: "20s", targets: "validator-1" })
   */
  restart(options: NodeFault & ({ readonly at: Duration } | { readonly every: Duration })): this;
  restart(options?: RestartOptions): ChaosRestartBuilder;
  restart(options: RestartOptions | NodeFault = {}): ChaosBuilder {
    const at = callSite(this.restart);
    if (typeof options === "object" && options !== null && SCHEDULED.some((key) => key in options)) {
      return this.#add("restart", "restart", options, at);
    }
    this.#draft.wrote("workloads.chaos.options.restart", at);
    this.#piece.options["restart"] ??= {};
    const builder = new ChaosRestartBuilder(this.#draft, this.#piece, this.#scenario);
    builder.setAll(options as RestartOptions, at);
    return builder;
  }

  /** Restarts nodes one after the other, each when the one before it has recovered. */
  rollingRestart(options: RollingRestart): this {
    return this.#add("rolling-restart", "rollingRestart", options, callSite(this.rollingRestart));
  }

  /** Stops nodes in order, and starts them again after `for`. */
  stop(options: LastingFault): this {
    return this.#add("stop", "stop", options, callSite(this.stop));
  }

  /** Kills nodes at once, and starts them again after `for`. */
  kill(options: LastingFault): this {
    return this.#add("kill", "kill", options, callSite(this.kill));
  }

  /** Freezes nodes for a time: they still accept connections, and say nothing. */
  pause(options: LastingFault): this {
    return this.#add("pause", "pause", options, callSite(this.pause));
  }

  /** Stops nodes, deletes their state, and starts them after `for`: they must learn the chain anew. */
  wipe(options: LastingFault): this {
    return this.#add("wipe", "wipe", options, callSite(this.wipe));
  }

  /** Leaves nodes out at the start and starts them in mid-run. */
  join(options: Join): this {
    return this.#add("join", "join", options, callSite(this.join));
  }

  /**
   * Cuts the network into sides that can't hear one another. Refused when it would outlive finality, unless the scenario
   * says `expectDivergence()`.
   * @example .partition({ at: "20s", for: "8s", targets: minority() })
   */
  partition(options: Partition): this {
    return this.#add("partition", "partition", options, callSite(this.partition));
  }

  /** Slows links down. Refused from a slot on, as blocks would come too late. */
  delay(options: Delay): this {
    return this.#add("delay", "delay", options, callSite(this.delay));
  }

  /** Loses a share of the messages on links. */
  loss(options: Loss): this {
    return this.#add("loss", "loss", options, callSite(this.loss));
  }

  /**
   * Narrows links: what one end sends another in a second is limited, and what is more waits. Where nodes are containers only.
   * @example .bandwidth({ at: "20s", for: "20s", rate: "64kbit", targets: "validator-1" })
   */
  bandwidth(options: Bandwidth): this {
    return this.#add("bandwidth", "bandwidth", options, callSite(this.bandwidth));
  }

  /** Puts nodes' clocks ahead or behind for a time. */
  clockOffset(options: ClockOffset): this {
    return this.#add("clock-offset", "clockOffset", options, callSite(this.clockOffset));
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

  #add(kind: FaultKind, call: string, options: object, at: Site): this {
    addFault(this.#draft, this.#piece, kind, call, options, at);
    return this;
  }
}

/** Restarts of nodes at random moments: how often, and which. More faults may follow in the same chain. */
export class ChaosRestartBuilder extends ChaosBuilder {
  readonly #draft: Draft;
  readonly #piece: DraftPiece;

  /** @internal */
  constructor(draft: Draft, piece: DraftPiece, scenario: ScenarioBuilder) {
    super(draft, piece, scenario);
    this.#draft = draft;
    this.#piece = piece;
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
