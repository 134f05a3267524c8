import assert from "node:assert/strict";
import test from "node:test";
import type { SeenBlock } from "../../lib/model/feed.ts";
import { BlockTree } from "../../lib/run/feed/block-tree.ts";
import { contradictions } from "../../lib/run/feed/contradictions.ts";

const block = (height: number, parent = `b${height - 1}`, id = `b${height}`): SeenBlock => ({
  id,
  parent,
  height,
  slot: height,
  txs: [],
  messages: [],
});

/** What whoever attaches to a chain of 167 blocks sees of it: those after its last final one. */
function seenLate(): BlockTree {
  const tree = new BlockTree(block(126));
  for (let height = 127; height <= 167; height++) tree.add(block(height));
  tree.moveHead("b167");
  return tree;
}

test("a chain that is seen from its last final block on is no contradiction", () => {
  const tree = seenLate();
  for (const height of [126, 127, 140, 167]) assert.equal(tree.ancestorAt("b167", height), `b${height}`);
  tree.add(block(166, "b165", "fork"));
  assert.equal(tree.ancestorAt("fork", 130), "b130");
  assert.equal(tree.ancestorAt("b167", 168), undefined);
  const info = { tip: "b167", height: 167, slot: 167, lib: "b127", mode: "Online" } as const;
  assert.deepEqual(contradictions(info, tree), []);
});

test("and a last final block beside it still is one", () => {
  const tree = seenLate();
  tree.add(block(128, "b127", "beside"));
  const info = { tip: "b167", height: 167, slot: 167, lib: "beside", mode: "Online" } as const;
  assert.deepEqual(contradictions(info, tree), [{ about: "lib", said: "beside", seen: "b128 at height 128" }]);
});
