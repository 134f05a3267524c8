import type { Duration } from "../../core/duration.ts";
import type { Consensus } from "../../model/node-kind.ts";
import type { Json } from "../../model/plan.ts";
import { callSite } from "../call-site.ts";
import { MAX_NODES } from "../limits.ts";
import { shown } from "../shown.ts";
import type { Layout } from "../topology.ts";
import type { Draft, Site } from "./draft.ts";
import { type Limits, readLimits } from "./limits.ts";
import { readOptions } from "./options-object.ts";
import { type Read, readDuration, readJsonObject, readWhole } from "./read.ts";
import type { ScenarioBuilder } from "./scenario.ts";

/**
 * The network: how many nodes, who is whose peer, and what consensus they run. What is wrong is reported by `build()`,
 * with the line of the call.
 */
export class TopologyBuilder {
  readonly #draft: Draft;
  readonly #scenario: ScenarioBuilder;

  /** @internal */
  constructor(draft: Draft, scenario: ScenarioBuilder) {
    this.#draft = draft;
    this.#scenario = scenario;
  }

  /** Everyone is a peer of the first node, and nobody else of anyone. The default. */
  networkStar(): this {
    return this.#layout("star", callSite(this.networkStar));
  }

  /** Each node is a peer of the one before it and the one after it. */
  networkChain(): this {
    return this.#layout("chain", callSite(this.networkChain));
  }

  /** Everyone is a peer of everyone. */
  networkFull(): this {
    return this.#layout("full", callSite(this.networkFull));
  }

  /**
   * Number of validators, the nodes that make blocks: `validator-0`, `validator-1` ...
   * @param count 0 to 65,000; 0 by default, but a network has at least one node
   */
  validators(count: number): this {
    return this.#nodes("validators", count, callSite(this.validators));
  }

  /**
   * Number of executors, validators that also disperse blobs: `executor-0`, `executor-1` ...
   * @param count 0 to 65,000; 0 by default
   */
  executors(count: number): this {
    return this.#nodes("executors", count, callSite(this.executors));
  }

  /**
   * Number of nodes where there is only one kind of them: the same as `validators`.
   * @param count 0 to 65,000
   */
  nodes(count: number): this {
    return this.#nodes("validators", count, callSite(this.nodes), "nodes");
  }

  /**
   * Changes one node's configuration file: the patch is merged into it, objects key by key.
   * @param index position among all nodes: validators first, then executors
   * @param patch a plain JSON object
   */
  nodeConfigPatch(index: number, patch: { readonly [key: string]: Json }): this {
    const at = callSite(this.nodeConfigPatch);
    this.#ofNode(
      "configPatch",
      "nodeConfigPatch",
      index,
      at,
      readJsonObject(`nodeConfigPatch(${shown(index)}, ...)`, patch),
      (value) => {
        this.#draft.document.topology.configPatches[index] = value;
      },
    );
    return this;
  }

  /**
   * How much of the lottery one node has, relative to the others.
   * @param index position among all nodes: validators first, then executors
   * @param value value of its leader note, a whole number from 1; 1,000 by default
   */
  stake(index: number, value: number): this {
    const at = callSite(this.stake);
    const read = readWhole(`stake(${shown(index)}, ${shown(value)})`, value, 1, Number.MAX_SAFE_INTEGER);
    this.#ofNode("stake", "stake", index, at, read, (stake) => {
      this.#draft.document.topology.stakes[index] = stake;
    });
    return this;
  }

  /**
   * The most that each node may take of its machine. Held by the backend compose; the others have no such means, and `plan` warns.
   * @param limits memory, processors or both; called again, it replaces what was said before
   * @example .limits({ memory: "512MiB", cpus: 0.5 })
   */
  limits(limits: Limits): this {
    const at = callSite(this.limits);
    const given = readOptions(this.#draft, "topology.limits", "limits", at, limits, ["memory", "cpus"]);
    // What is no object was refused for that.
    if (given !== limits) return this;
    this.#draft.take("topology.limits", at, readLimits(given), (value) => {
      this.#draft.document.topology.limits = value;
    });
    return this;
  }

  /**
   * Length of a slot. `"2s"` by default; real nodes need whole seconds. CONSENSUS_SLOT_TIME overrides it, and so does
   * `--profile fast`.
   */
  slotDuration(length: Duration): this {
    const at = callSite(this.slotDuration);
    const read = readDuration("slotDuration", length);
    return this.#consensus("slotMs", at, wholeMs("slotDuration", read));
  }

  /**
   * Security parameter k: how many blocks deep a block is final, and how long a fork may get.
   * @param k a whole number from 1; 10 by default. CONSENSUS_SECURITY_PARAM overrides it, and so does `--profile fast`.
   */
  securityParam(k: number): this {
    const at = callSite(this.securityParam);
    return this.#consensus("k", at, readWhole("securityParam", k, 1, Number.MAX_SAFE_INTEGER));
  }

  /**
   * Active slot coefficient f: the probability that the whole stake wins a slot.
   * @param f above 0, at most 1; 0.9 by default. CONSENSUS_ACTIVE_SLOT_COEFF overrides it.
   */
  activeSlotCoeff(f: number): this {
    const at = callSite(this.activeSlotCoeff);
    return this.#consensus("f", at, readCoefficient(f));
  }

  /**
   * Which of two equally long chains a node of the embedded kind keeps.
   * @param rule `"smaller-id"`, the default: nodes agree at once. `"first-seen"`: the real node's rule.
   */
  tieBreak(rule: Consensus["tieBreak"]): this {
    const at = callSite(this.tieBreak);
    return this.#consensus("tieBreak", at, readTieBreak(rule));
  }

  /** Back to the scenario. Accepted, never needed. */
  apply(): ScenarioBuilder {
    return this.#scenario;
  }

  #layout(layout: Layout, at: Site): this {
    this.#draft.wrote("topology.layout", at);
    this.#draft.document.topology.layout = layout;
    return this;
  }

  #nodes(role: "validators" | "executors", count: number, at: Site, call: string = role): this {
    this.#draft.take(`topology.${role}`, at, readWhole(`${call}(${shown(count)})`, count, 0, MAX_NODES), (value) => {
      this.#draft.document.topology[role] = value;
    });
    return this;
  }

  #consensus<K extends keyof Consensus>(key: K, at: Site, read: Read<Consensus[K]>): this {
    this.#draft.take(`consensus.${key}`, at, read, (value) => {
      this.#draft.document.consensus[key] = value;
    });
    return this;
  }

  #ofNode<T>(field: string, call: string, index: number, at: Site, read: Read<T>, use: (value: T) => void): void {
    const path = `topology.${field}.${String(index)}`;
    const position = readWhole(`${call}(${shown(index)}, ...)`, index, 0, MAX_NODES - 1);
    this.#draft.take(path, at, "refusal" in position ? position : read, use);
  }
}

/** Clocks of nodes count whole milliseconds. */
function wholeMs(call: string, read: Read<number>): Read<number> {
  if ("refusal" in read || Number.isInteger(read.value)) return read;
  return {
    refusal: {
      code: "NR-PLAN-SLOT",
      message: `${call}: a slot of ${read.value} ms is not a whole number of milliseconds`,
      hint: `Write "${Math.max(1, Math.round(read.value))}ms".`,
    },
  };
}

function readCoefficient(f: unknown): Read<number> {
  if (typeof f === "number" && f > 0 && f <= 1) return { value: f };
  return {
    refusal: {
      code: "NR-PLAN-CONSENSUS",
      message: `activeSlotCoeff(${shown(f)}): the active slot coefficient is above 0 and at most 1`,
      hint: "Write a number such as 0.9, the default.",
    },
  };
}

function readTieBreak(rule: unknown): Read<Consensus["tieBreak"]> {
  if (rule === "smaller-id" || rule === "first-seen") return { value: rule };
  return {
    refusal: {
      code: "NR-PLAN-CONSENSUS",
      message: `tieBreak(${shown(rule)}): there is no such rule`,
      hint: 'Write "smaller-id", the default, or "first-seen".',
    },
  };
}
