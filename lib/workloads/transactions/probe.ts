import { txHash } from "../../chain/suite.ts";
import type { RunContext } from "../../model/run-context.ts";
import { acceptance, ask } from "../offer.ts";
import type { PlannedStart } from "../open-loop.ts";
import type { Forgery } from "./content.ts";

/** Offers transactions that must not pass to every running node: each has to refuse it, or at least keep it out of the chain. */
export class Probe {
  readonly #workload: string;
  readonly #ctx: RunContext;

  constructor(workload: string, ctx: RunContext) {
    this.#workload = workload;
    this.#ctx = ctx;
  }

  async send({ n, intended }: PlannedStart, { kind, signed, refusedFrom }: Forgery): Promise<void> {
    const { cluster, events, signal } = this.#ctx;
    const tx = txHash(signed.tx);
    const nodes = cluster.running();
    events.emit("tx.invalid", { workload: this.#workload, n, tx, kind, ...(refusedFrom !== null && { refusedFrom }) });
    for (const [i, node] of nodes.entries()) {
      const name = node.planned.name;
      events.emit("tx.submitted", { workload: this.#workload, n, tx, node: name, intended });
      const answer = await ask(node, signed, signal);
      if ("duplicate" in answer) events.emit("tx.accepted", acceptance(tx, name, answer.duplicate));
      else events.emit("tx.refused", { tx, node: name, reason: answer.refused, final: i === nodes.length - 1 });
    }
    if (nodes.length > 0) return;
    events.emit("tx.missed", { workload: this.#workload, n, intended, why: "no node was running to refuse it" });
  }
}
