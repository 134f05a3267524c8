import type { Evidence } from "../../model/expectation.ts";
import { callSite } from "../call-site.ts";
import type { ExpectationName, ExpectationOptions } from "../options.ts";
import type { CustomExpectation } from "../written.ts";
import { addLogRules, addSometimes, type LogPatterns, type SometimesState } from "./asked-expectations.ts";
import { addExpectation } from "./custom-pieces.ts";
import type { Draft } from "./draft.ts";
import { addThreshold, type ConvergenceLimit, setConvergence, setExpectation, switchOff } from "./expectations.ts";

/** What must come of a run: the calls of a scenario that say how it is judged. */
export class ExpectationCalls {
  /** @internal */
  protected readonly draft: Draft;

  /** @internal */
  constructor(draft: Draft) {
    this.draft = draft;
  }

  /** An expectation of your own. */
  withExpectation(expectation: CustomExpectation): this {
    addExpectation(this.draft, expectation, callSite(this.withExpectation));
    return this;
  }

  /** The chain must grow as fast as its stake should make it grow. The same as `expect("liveness")`. */
  expectConsensusLiveness(): this {
    setExpectation(this.draft, "liveness", {}, callSite(this.expectConsensusLiveness));
    return this;
  }

  /**
   * After every fault all nodes must share one chain again within a limit, each with what the network had when the
   * fault ended. Needs a workload that makes faults.
   * @param limit `within`: at least two slots; `"10s"` by default
   * @example .expectConvergence({ within: "10s" })
   */
  expectConvergence(limit: ConvergenceLimit = {}): this {
    setConvergence(this.draft, limit, callSite(this.expectConvergence));
    return this;
  }

  /**
   * No value may come or go: at the end every wallet's balance, on every validator, must be what the chain's transfers
   * make it, no note spent twice, and mempools empty. Needs wallets. The same as `expect("conservation")`.
   */
  expectConservation(): this {
    setExpectation(this.draft, "conservation", {}, callSite(this.expectConservation));
    return this;
  }

  /**
   * Every node must lead as many blocks as its stake gives it. Needs some 80 slots with five equal nodes; `plan` says
   * how many. The same as `expect("fair-share")`.
   */
  expectFairShare(): this {
    setExpectation(this.draft, "fair-share", {}, callSite(this.expectFairShare));
    return this;
  }

  /**
   * No node may use more of its machine than this. Judged where the backend shows what its processes use: local, on
   * Linux. The same as `expect("resources", limits)`.
   * @example .expectResources({ maxCpuPercent: 50, maxResidentMiB: 200 })
   */
  expectResources(limits: ExpectationOptions<"resources">): this {
    setExpectation(this.draft, "resources", limits, callSite(this.expectResources));
    return this;
  }

  /**
   * Something that the run measures must keep to a limit; each call adds one. A figure of another expectation, named as
   * reports show it; a metric of every node's `/metrics`, or what its process uses, looked at once a second; or a metric
   * that a workload of yours records with `ctx.metric`. Functions make one value of many samples: `min`, `max`, `mean`,
   * `last`, `p50`, `p90`, `p95`, `p99`; of nodes also `increase`, of your own metrics also `count` and `sum`.
   * @example .expectThreshold("transaction-inclusion.inclusionP99Ms < 10s")
   * @example .expectThreshold("max(mempool_transactions_pending) <= 100")
   * @example .expectThreshold("max(resources.residentMiB) < 300")
   * @example .expectThreshold("p99(reads.readMs) < 200ms")
   */
  expectThreshold(text: string): this {
    addThreshold(this.draft, text, callSite(this.expectThreshold));
    return this;
  }

  /**
   * What nodes' logs must have, line by line, and must not; each call adds to it.
   * @example .expectLog({ mustNot: /panic|unhandled/i })
   * @example .expectLog({ must: /Online/, nodes: ["validator-0"] })
   */
  expectLog(patterns: LogPatterns): this {
    addLogRules(this.draft, patterns, callSite(this.expectLog));
    return this;
  }

  /**
   * A state that the run claims to test: where it is never reached, the run is inconclusive.
   * @param name what reports call it: letters, digits, dashes and underscores
   * @param state one that is known, or a predicate of the evidence
   * @example .sometimes("forked", { fork: true })
   * @example .sometimes("refused", ({ events }) => events.some(({ type }) => type === "tx.refused"))
   */
  sometimes(name: string, state: SometimesState | ((evidence: Evidence) => boolean)): this {
    addSometimes(this.draft, name, state, callSite(this.sometimes));
    return this;
  }

  /**
   * Adds a built-in expectation, or changes the limits of one that is there by default.
   * @param options what to change; everything else keeps its default
   * @example .expect("data-availability", { minIncludedPercent: 99 })
   */
  expect<N extends ExpectationName>(name: N, options?: ExpectationOptions<N>): this {
    setExpectation(this.draft, name, options ?? {}, callSite(this.expect));
    return this;
  }

  /**
   * Two nodes must come to differ about a final block, as after a partition that outlives finality; such a partition is
   * refused otherwise. Stands in for the expectation `agreement`, and nodes need not share a chain again.
   */
  expectDivergence(): this {
    const at = callSite(this.expectDivergence);
    setExpectation(this.draft, "divergence", {}, at);
    switchOff(this.draft, "agreement", at);
    return this;
  }

  /**
   * Switches off an expectation that is there by default, or that a workload brings.
   * @param name `"agreement"`, `"no-unexpected-exit"`, `"transaction-inclusion"`, `"data-availability"`,
   *   `"fault-recovery"`, or the name of an expectation of your own
   */
  without(name: ExpectationName | (string & {})): this {
    switchOff(this.draft, name, callSite(this.without));
    return this;
  }
}
