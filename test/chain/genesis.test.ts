import assert from "node:assert/strict";
import test from "node:test";
import { buildGenesis, genesisLedger, genesisNoteOf } from "../../lib/chain/genesis.ts";
import { genesisFromJson, genesisToJson } from "../../lib/chain/genesis-json.ts";
import { totalValue } from "../../lib/chain/ledger.ts";
import { messageId, notePk } from "../../lib/chain/suite.ts";
import { ZERO_ID } from "../../lib/chain/types.ts";
import { network, WALLET_VALUE } from "./fixture.ts";

const { genesis, leaders, wallets } = network("genesis", 3, 2);

test("equal seeds give equal genesis ids, others do not", () => {
  assert.equal(network("genesis", 3, 2).genesis.id, genesis.id);
  for (const other of [network("genesiS", 3, 2), network("genesis", 2, 2), network("genesis", 3, 1)]) {
    assert.notEqual(other.genesis.id, genesis.id);
  }
  // Written down once, so that layouts and key derivation can't drift unnoticed.
  assert.equal(genesis.id, "3ef179d440864fd1217ef46f5a0273e85aca1fd08f7c759eb2ed525340d88a2e");
});

test("outputs are the leader notes in order, then the wallets'", () => {
  const { outputs } = genesis.tx.tx.ledger;
  assert.deepEqual(
    outputs.map((note) => note.pk),
    [...leaders.map((leader) => notePk(leader.key)), ...wallets.map((wallet) => wallet.pk)],
  );
  assert.deepEqual(
    outputs.map((note) => note.value),
    [1_000n, 1_000n, 1_000n, WALLET_VALUE, WALLET_VALUE],
  );
  assert.deepEqual(
    genesis.leaders.map((leader) => leader.key),
    leaders.map((leader) => leader.key),
  );
});

test("the ledger begins with the genesis channel, all notes, and leader notes that are locked", () => {
  const state = genesisLedger(genesis);
  assert.equal(totalValue(state), 3n * 1_000n + 2n * WALLET_VALUE);
  assert.equal(state.notes.size, 5);
  assert.deepEqual([...state.leaderNotes].sort(), genesis.leaders.map((leader) => leader.note).sort());
  const [inscription] = genesis.tx.tx.ops;
  assert.ok(inscription);
  assert.deepEqual(state.channels.get(ZERO_ID), { tip: messageId(inscription), signer: ZERO_ID });
});

test("the id binds how many outputs are leader notes", () => {
  const json = genesisToJson(genesis);
  const fewer = genesisFromJson({ ...json, leader_keys: json.leader_keys.slice(0, 2) });
  assert.notEqual(fewer.id, genesis.id);
});

test("50 nodes and 1,000 wallets: no count wraps, all notes are there, JSON gives it back", () => {
  const big = network("big", 50, 1_000);
  const state = genesisLedger(big.genesis);
  assert.equal(state.notes.size, 1_050);
  assert.equal(totalValue(state), 50n * 1_000n + 1_000n * WALLET_VALUE);
  const text = JSON.stringify(genesisToJson(big.genesis));
  assert.ok(text.length < 256 * 1_024, `${text.length} characters`);
  assert.deepEqual(genesisFromJson(JSON.parse(text)), big.genesis);
  // 256 outputs more or fewer are another network.
  assert.notEqual(network("big", 50, 744).genesis.id, big.genesis.id);
});

test("a genesis that no network can start from is refused", () => {
  const [anna, bob] = leaders;
  const [wallet] = wallets;
  assert.ok(anna && bob && wallet);
  const node = (leaderKey: string, stake?: bigint) => ({
    name: "validator-0",
    leaderKey,
    ...(stake === undefined ? {} : { stake }),
  });
  const cases: [RegExp, Parameters<typeof buildGenesis>[0]][] = [
    [/has no leader note/, { nodes: [], wallets: [] }],
    [/two nodes have the leader key/, { nodes: [node(anna.key), node(anna.key)], wallets: [] }],
    [/leader key of validator-0 is no sound/, { nodes: [node(ZERO_ID)], wallets: [] }],
    [/output has no value/, { nodes: [node(anna.key, 0n)], wallets: [] }],
    [/output has no value/, { nodes: [node(anna.key)], wallets: [{ pk: wallet.pk, value: 0n }] }],
    [/more than a u64/, { nodes: [node(anna.key, 2n ** 63n), node(bob.key, 2n ** 63n)], wallets: [] }],
  ];
  for (const [message, plan] of cases) assert.throws(() => buildGenesis(plan), { code: "NR-CHAIN-GENESIS", message });
  const json = genesisToJson(genesis);
  assert.throws(() => genesisFromJson({ ...json, leader_keys: [...json.leader_keys].reverse() }), {
    code: "NR-CHAIN-GENESIS",
    message: /output 0 does not belong to/,
  });
  assert.throws(() => genesisFromJson({ leader_keys: [] }), { code: "NR-CHAIN-JSON" });
});

test("a wallet finds its note", () => {
  assert.equal(genesisNoteOf(genesis, wallets[1]?.pk ?? "")?.note.value, WALLET_VALUE);
  assert.equal(genesisNoteOf(genesis, "12".repeat(32)), undefined);
});
