import assert from "node:assert/strict";
import test from "node:test";
import type { RunEvent } from "../../lib/model/events.ts";
import { ProgressFold } from "../../lib/report/progress.ts";
import { event } from "./fixture.ts";

const TX = "a1".repeat(32);
const BLOB = "b1".repeat(32);

function standing(events: readonly RunEvent[]) {
  const progress = new ProgressFold();
  for (const each of events) progress.event(each);
  return progress.now;
}

function submitted(node: string) {
  return event(1, "tx.submitted", { workload: "transactions", n: 0, tx: TX, node, intended: 1 });
}

function block(id: string, height: number, blob: string | null = null) {
  const messages = blob === null ? [] : [{ channel: "c", message: "m", parent: "p", kind: "blob" as const, blob }];
  const seen = { node: "validator-0", block: id, parent: "p", height, slot: height, txs: [TX], messages };
  return event(2, "block.seen", seen as never);
}

test("a transaction is sent once, however many nodes are asked to take it", () => {
  const refused = event(1, "tx.refused", { tx: TX, node: "validator-0", reason: "it is down", final: false });
  const accepted = event(1, "tx.accepted", { tx: TX, node: "validator-1" });
  const { transactions } = standing([submitted("validator-0"), refused, submitted("validator-1"), accepted]);
  assert.deepEqual(transactions, { sent: 1, accepted: 1, included: 0, refused: 0 });
});

test("one that a reorganisation threw out, and that was sent again, is counted as one", () => {
  const accepted = (node: string) => event(1, "tx.accepted", { tx: TX, node });
  const sent = [submitted("validator-0"), accepted("validator-0"), block("one", 5)];
  const { transactions } = standing([...sent, submitted("validator-1"), accepted("validator-1"), block("other", 6)]);
  assert.deepEqual(transactions, { sent: 1, accepted: 1, included: 1, refused: 0 });
});

test("what is final is forgotten, and counted still", () => {
  const view = { node: "validator-0", tip: "t", height: 20, slot: 20, lib: "l", libHeight: 10 };
  const accepted = event(1, "tx.accepted", { tx: TX, node: "validator-0" });
  const { transactions } = standing([
    submitted("validator-0"),
    accepted,
    block("one", 5),
    event(3, "chain.view", view),
  ]);
  assert.deepEqual(transactions, { sent: 1, accepted: 1, included: 1, refused: 0 });
});

test("a blob that is offered again and comes into two branches is one blob", () => {
  const start = { workload: "data-availability", n: 3, channel: "c" };
  const offered = (node: string) => event(1, "blob.submitted", { ...start, node, intended: 1 });
  const dispersed = (node: string) =>
    event(1, "blob.dispersed", { workload: "data-availability", n: 3, blob: BLOB, message: null, node, data: "d" });
  const { blobs } = standing([
    offered("executor-0"),
    offered("executor-1"),
    dispersed("executor-1"),
    block("one", 5, BLOB),
    offered("executor-0"),
    dispersed("executor-0"),
    block("other", 6, BLOB),
  ]);
  assert.deepEqual(blobs, { sent: 1, dispersed: 1, included: 1, read: 0 });
});
