import type { Duration } from "../../core/duration.ts";
import type { Observability } from "../../model/plan.ts";
import type { Task } from "../../model/task.ts";
import { callSite } from "../call-site.ts";
import { checkDocument } from "../checks/document.ts";
import type { CustomNodeKind } from "../custom-node-kind.ts";
import { DEFAULT_FUNDS_PER_WALLET, MAX_WALLETS } from "../limits.ts";
import { RefusedPlan } from "../problem.ts";
import { shown } from "../shown.ts";
import { type CustomWorkload, refusedPlan, type WrittenPlan } from "../written.ts";
import { addBuiltIn } from "./built-in.ts";
import { ChaosBuilder, type ChaosRestartBuilder } from "./chaos.ts";
import { configure } from "./configure.ts";
import { addWorkload, setNodeKind } from "./custom-pieces.ts";
import { DataAvailabilityBuilder } from "./data-availability.ts";
import { Draft, type Site } from "./draft.ts";
import { ExpectationCalls } from "./expectation-calls.ts";
import { readOptions } from "./options-object.ts";
import { readDuration, readFlag, readName, readSeed, readUrl, readWhole } from "./read.ts";
import { addSetup, type SetupOptions } from "./setup.ts";
import type { Capabilities, WalletConfig } from "./shapes.ts";
import { TopologyBuilder } from "./topology.ts";
import { TransactionsBuilder } from "./transactions.ts";

/**
 * Starts a scenario. End it with `.build()` and export what that returns.
 * @param name shown in reports: 1 to 63 letters, digits, dashes and underscores
 */
export function scenario(name: string): ScenarioBuilder {
  return new ScenarioBuilder(name, callSite(scenario));
}

/** `scenario` as scenario files get it: what `build()` refuses leaves the file's other plans usable. */
export function scenarioOfFile(name: string): ScenarioBuilder {
  return new ScenarioBuilder(name, callSite(scenarioOfFile), "kept");
}

/**
 * Says what network to boot, what to do to it and what must come of it. Every call takes effect at once and returns
 * the scenario; where one is called again, the last call counts. Nothing is checked by the calls themselves:
 * `build()` refuses all that is wrong at once, each with the line of its call.
 */
export class ScenarioBuilder extends ExpectationCalls {
  readonly #topology: TopologyBuilder;
  readonly #refusals: "thrown" | "kept";

  /** @internal */
  constructor(name: string, at: Site, refusals: "thrown" | "kept" = "thrown") {
    super(new Draft(name));
    this.#refusals = refusals;
    this.draft.take("", at, readName(`scenario(${shown(name)})`, name), () => undefined);
    this.#topology = new TopologyBuilder(this.draft, this);
  }

  /**
   * Sets up the network.
   * @example .topologyWith((t) => t.networkStar().validators(3).executors(2))
   */
  topologyWith(closure: (topology: TopologyBuilder) => TopologyBuilder | ScenarioBuilder | void): this {
    configure(this.draft, "topology", "topologyWith", callSite(this.topologyWith), this.#topology, closure);
    return this;
  }

  /** The network's builder, for chains without a closure; `.apply()` leads back here. */
  topology(): TopologyBuilder {
    return this.#topology;
  }

  /** Changes the network as set up so far: the same as `topologyWith`, for plans that build on others. */
  mapTopology(change: (topology: TopologyBuilder) => TopologyBuilder | ScenarioBuilder | void): this {
    configure(this.draft, "topology", "mapTopology", callSite(this.mapTopology), this.#topology, change);
    return this;
  }

  /** Hands the scenario to a function of yours: calls that several scenarios share, in one place. */
  map(change: (scenario: this) => ScenarioBuilder | void): this {
    configure(this.draft, "map", "map", callSite(this.map), this, change);
    return this;
  }

  /**
   * Genesis wallets with 100 tokens each.
   * @param users number of wallets, 1 to 1,000,000; none by default
   */
  wallets(users: number): this {
    return this.#wallets(
      `wallets(${shown(users)})`,
      users,
      (count) => DEFAULT_FUNDS_PER_WALLET * count,
      callSite(this.wallets),
    );
  }

  /**
   * Genesis wallets that share `totalFunds`: an even part each, and one token more for the first few where it does not divide.
   * @param totalFunds tokens of all wallets together, at least one for each
   * @param users number of wallets, 1 to 1,000,000
   */
  initializeWallet(totalFunds: number, users: number): this {
    const call = `initializeWallet(${shown(totalFunds)}, ${shown(users)})`;
    return this.#wallets(call, users, () => totalFunds, callSite(this.initializeWallet));
  }

  /** As `initializeWallet`, from an object. */
  withWalletConfig(config: WalletConfig): this {
    const at = callSite(this.withWalletConfig);
    const given = readOptions(this.draft, "wallets", "withWalletConfig", at, config, ["totalFunds", "users"]);
    return this.#wallets("withWalletConfig", given.users, () => given.totalFunds, at);
  }

  /** Transfers between wallets; the builder that this returns sets them up, `.apply()` leads back here. */
  transactions(): TransactionsBuilder {
    return new TransactionsBuilder(
      this.draft,
      addBuiltIn(this.draft, "transactions", callSite(this.transactions)),
      this,
    );
  }

  /**
   * Transfers between wallets. Adds the expectation `transaction-inclusion`.
   * @example .transactionsWith((txs) => txs.rate(5).users(20))
   */
  transactionsWith(closure: (txs: TransactionsBuilder) => TransactionsBuilder | ScenarioBuilder | void): this {
    const at = callSite(this.transactionsWith);
    const builder = new TransactionsBuilder(this.draft, addBuiltIn(this.draft, "transactions", at), this);
    configure(this.draft, "workloads.transactions", "transactionsWith", at, builder, closure);
    return this;
  }

  /** Inscriptions and blobs; the builder that this returns sets them up, `.apply()` leads back here. */
  da(): DataAvailabilityBuilder {
    return new DataAvailabilityBuilder(
      this.draft,
      addBuiltIn(this.draft, "data-availability", callSite(this.da)),
      this,
    );
  }

  /**
   * Inscriptions and blobs on channels. Adds the expectation `data-availability`.
   * @example .daWith((da) => da.channelRate(1).blobRate(2))
   */
  daWith(closure: (da: DataAvailabilityBuilder) => DataAvailabilityBuilder | ScenarioBuilder | void): this {
    const at = callSite(this.daWith);
    const builder = new DataAvailabilityBuilder(this.draft, addBuiltIn(this.draft, "data-availability", at), this);
    configure(this.draft, "workloads.data-availability", "daWith", at, builder, closure);
    return this;
  }

  /** Lets workloads restart, stop and kill nodes. Refused on a backend or node kind that can't. Off by default. */
  enableNodeControl(): this {
    this.draft.wrote("nodeControl", callSite(this.enableNodeControl));
    this.draft.document.nodeControl = true;
    return this;
  }

  /** Faults; the builder that this returns sets them up, `.apply()` leads back here. */
  chaos(): ChaosBuilder {
    return new ChaosBuilder(this.draft, addBuiltIn(this.draft, "chaos", callSite(this.chaos)), this);
  }

  /**
   * Faults at random moments. Needs `enableNodeControl()`, adds the expectation `fault-recovery`.
   * @example .chaosWith((chaos) => chaos.restart({ minDelay: "10s", maxDelay: "20s", targetCooldown: "30s" }))
   */
  chaosWith(closure: (chaos: ChaosBuilder) => ChaosBuilder | ChaosRestartBuilder | ScenarioBuilder | void): this {
    const at = callSite(this.chaosWith);
    const builder = new ChaosBuilder(this.draft, addBuiltIn(this.draft, "chaos", at), this);
    configure(this.draft, "workloads.chaos", "chaosWith", at, builder, closure);
    return this;
  }

  /**
   * Runs nodes of your own kind: any program that makes up a cluster. Transactions, blobs and expectations about a
   * blockchain are refused then. `--node-kind` overrides it.
   * @param kind what `nodeKind()` returns
   */
  withNodeKind(kind: CustomNodeKind): this {
    setNodeKind(this.draft, kind, callSite(this.withNodeKind));
    return this;
  }

  /** A workload of your own, with the expectations that it brings. */
  withWorkload(workload: CustomWorkload): this {
    addWorkload(this.draft, workload, callSite(this.withWorkload));
    return this;
  }

  /**
   * A task that must have run before the network is deployed: one of the program's, one that this file or `nomos.tasks.ts`
   * beside it exports, by name, or one that is handed over. It is skipped when what it makes is there. Several run in the
   * order of their calls.
   * @param options as on the command line; what is left away comes from the environment or is the task's default
   * @example .setup("setup-circuits", { version: "v0.3.1" })
   */
  setup(task: string | Task, options: SetupOptions = {}): this {
    addSetup(this.draft, task, options, callSite(this.setup));
    return this;
  }

  /**
   * How long workloads drive the network. Then the run waits until what was done can be final, and judges.
   * @param length at least two slots; `"60s"` by default. `plan` says from which length liveness can be judged.
   */
  withRunDuration(length: Duration): this {
    this.draft.take("durationMs", callSite(this.withRunDuration), readDuration("withRunDuration", length), (ms) => {
      this.draft.document.durationMs = ms;
    });
    return this;
  }

  /**
   * What all chance of the run derives from: keys, lottery, schedule of faults. The same seed gives the same plan.
   * @param text not empty; drawn and printed by default. `--seed` and NOMOS_RUN_SEED override it.
   */
  seed(text: string): this {
    this.draft.take("seed", callSite(this.seed), readSeed(text), (value) => {
      this.draft.document.seed = value;
    });
    return this;
  }

  /** Where workloads and expectations may ask for metrics: base URL of a Prometheus-compatible query API. */
  withMetricsQueryUrl(url: string): this {
    return this.#observe("metricsQueryUrl", "withMetricsQueryUrl", url, callSite(this.withMetricsQueryUrl));
  }

  /** Where nodes push their metrics: full OTLP URL over HTTP. */
  withMetricsOtlpIngestUrl(url: string): this {
    return this.#observe(
      "metricsOtlpIngestUrl",
      "withMetricsOtlpIngestUrl",
      url,
      callSite(this.withMetricsOtlpIngestUrl),
    );
  }

  /** Where people look at metrics: printed with the run. */
  withGrafanaUrl(url: string): this {
    return this.#observe("grafanaUrl", "withGrafanaUrl", url, callSite(this.withGrafanaUrl));
  }

  /** Node control and observability at once. Replaces what was set of them before. */
  withCapabilities(capabilities: Capabilities): this {
    const at = callSite(this.withCapabilities);
    const urls = ["metricsQueryUrl", "metricsOtlpIngestUrl", "grafanaUrl"] as const;
    const given = readOptions(this.draft, "nodeControl", "withCapabilities", at, capabilities, [
      "nodeControl",
      ...urls,
    ]);
    const control = readFlag("withCapabilities nodeControl", given.nodeControl ?? false);
    this.draft.take("nodeControl", at, control, (value) => {
      this.draft.document.nodeControl = value;
    });
    this.draft.document.observability = {};
    for (const key of urls) {
      const url = given[key];
      if (url !== undefined) this.#observe(key, `withCapabilities ${key}`, url, at);
    }
    return this;
  }

  /** The scenario itself. Accepted, never needed. */
  apply(): this {
    return this;
  }

  /**
   * Ends the scenario.
   * @throws RefusedPlan, a CodedError NR-PLAN-REFUSED, with everything in it that no backend could run. In a scenario file
   *   that nomos-run loads, whoever chooses the plan is told instead, so that the file's other plans can be used.
   */
  build(): WrittenPlan {
    try {
      return this.draft.finish(checkDocument(this.draft));
    } catch (thrown) {
      if (this.#refusals === "kept" && thrown instanceof RefusedPlan && thrown.draft) {
        return refusedPlan(thrown.draft.written, thrown);
      }
      throw thrown;
    }
  }

  #wallets(call: string, users: unknown, totalFunds: (count: number) => unknown, at: Site): this {
    this.draft.take("wallets.count", at, readWhole(call, users, 1, MAX_WALLETS), (count) => {
      const funds = readWhole(call, totalFunds(count), 0, Number.MAX_SAFE_INTEGER);
      this.draft.take("wallets.totalFunds", at, funds, (value) => {
        this.draft.document.wallets = { count, totalFunds: value };
      });
    });
    return this;
  }

  #observe(key: keyof Observability, call: string, url: string, at: Site): this {
    this.draft.take(`observability.${key}`, at, readUrl(call, url), (value) => {
      this.draft.document.observability[key] = value;
    });
    return this;
  }
}
