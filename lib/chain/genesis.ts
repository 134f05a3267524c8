import { Map as ImmutableMap, Set as ImmutableSet } from "immutable";
import { CodedError } from "../core/errors.ts";
import { isSoundKey } from "./keys.ts";
import { channelAfter, type LedgerState } from "./ledger.ts";
import { genesisHashes, headerId, noteId, notePk } from "./suite.ts";
import {
  type ChannelInscribe,
  type Genesis,
  type Header,
  type Hex32,
  type LeaderNote,
  type Note,
  type NoteId,
  type NotePublicKey,
  type SignedTx,
  ZERO_ID,
} from "./types.ts";

/** Stake of a node's leader note unless the topology says otherwise. */
export const DEFAULT_STAKE = 1_000n;
/** All value together must stay below this, so that no sum of notes leaves u64. */
const SUPPLY_END = 2n ** 64n;

export interface GenesisNode {
  /** Only for messages. */
  readonly name: string;
  /** Ed25519 public key: of the note, the lottery and the header signatures. */
  readonly leaderKey: Hex32;
  /** {@link DEFAULT_STAKE} by default. */
  readonly stake?: bigint;
}

export interface GenesisPlan {
  readonly nodes: readonly GenesisNode[];
  /** Owners and values of the spendable notes. They don't draw in the lottery. */
  readonly wallets: readonly Note[];
}

/**
 * The first transaction of a network: its outputs are each node's leader note, in order, then one note per wallet; its
 * only operation is the inscription "genesis" on channel zero. Equal plans give equal ids.
 * @throws CodedError NR-CHAIN-GENESIS when no network can start from the plan.
 */
export function buildGenesis(plan: GenesisPlan): Genesis {
  const leaderOutputs = plan.nodes.map((node) => ({ value: node.stake ?? DEFAULT_STAKE, pk: notePk(node.leaderKey) }));
  const outputs = [...leaderOutputs, ...plan.wallets.map(({ value, pk }) => ({ value, pk }))];
  const tx: SignedTx = {
    tx: {
      ops: [GENESIS_INSCRIPTION],
      ledger: { inputs: [], outputs },
      executionGasPrice: 0n,
      storageGasPrice: 0n,
    },
    opProofs: [{ type: "none" }],
    ledgerProof: new Uint8Array(128),
  };
  const names = new Map(plan.nodes.map((node) => [node.leaderKey, node.name]));
  return genesisOf(
    tx,
    plan.nodes.map((node) => node.leaderKey),
    (key) => names.get(key) ?? key,
  );
}

const GENESIS_INSCRIPTION: ChannelInscribe = {
  type: "inscribe",
  channel: ZERO_ID,
  inscription: new TextEncoder().encode("genesis"),
  parent: ZERO_ID,
  signer: ZERO_ID,
};

/**
 * The genesis that a transaction and the keys of its leader notes, its first outputs, make.
 * @throws CodedError NR-CHAIN-GENESIS for duplicate or unsound keys, keys that are not the notes' owners, notes without
 * value, a supply beyond u64, or a network without leaders.
 */
export function genesisOf(tx: SignedTx, leaderKeys: readonly Hex32[], nameOf = (key: Hex32): string => key): Genesis {
  const { outputs } = tx.tx.ledger;
  if (leaderKeys.length === 0) throw malformed("it has no leader note", "Give the topology at least one node.");
  if (leaderKeys.length > outputs.length) {
    throw malformed(`it names ${leaderKeys.length} leaders but has ${outputs.length} outputs`);
  }
  const seen = new Set<Hex32>();
  for (const [index, key] of leaderKeys.entries()) {
    if (!isSoundKey(key)) throw malformed(`the leader key of ${nameOf(key)} is no sound Ed25519 key`);
    if (seen.has(key))
      throw malformed(`two nodes have the leader key ${key}`, "Give each node an identity of its own.");
    if (outputs[index]?.pk !== notePk(key)) throw malformed(`output ${index} does not belong to ${nameOf(key)}`);
    seen.add(key);
  }
  if (outputs.some((note) => note.value <= 0n))
    throw malformed("an output has no value", "Give every note at least 1.");
  const supply = outputs.reduce((sum, note) => sum + note.value, 0n);
  if (supply >= SUPPLY_END) throw malformed(`all notes together hold ${supply}, more than a u64`);

  const hashes = genesisHashes(tx.tx, leaderKeys.length);
  const leaders = leaderKeys.map((key, index): LeaderNote => {
    const { value, pk } = outputs[index] as Note;
    return { note: noteId(hashes.ledger, index, value, pk), value, key };
  });
  return { id: headerId(genesisHeader(hashes.tx)), tx, leaders };
}

function malformed(what: string, hint = "Take the genesis as the run that made it rendered it."): CodedError {
  return new CodedError("NR-CHAIN-GENESIS", `the genesis is not well formed: ${what}`, { hint });
}

/** The header of block zero: its block root is the genesis transaction's hash, all else is zero. */
function genesisHeader(tx: Hex32): Header {
  return {
    parent: ZERO_ID,
    slot: 0,
    blockRoot: tx,
    leadership: { proof: new Uint8Array(128), entropy: ZERO_ID, leaderKey: ZERO_ID, voucher: ZERO_ID },
  };
}

interface GenesisNote {
  readonly id: NoteId;
  readonly note: Note;
}

const notesOf = new WeakMap<Genesis, readonly GenesisNote[]>();

/** The notes that the genesis makes, in order of its outputs. Remembered per object: each costs a hash. */
export function genesisNotes(genesis: Genesis): readonly GenesisNote[] {
  const known = notesOf.get(genesis);
  if (known) return known;
  const { ledger } = genesisHashes(genesis.tx.tx, genesis.leaders.length);
  const { outputs } = genesis.tx.tx.ledger;
  const notes = outputs.map((note, index) => ({ id: noteId(ledger, index, note.value, note.pk), note }));
  notesOf.set(genesis, notes);
  return notes;
}

/** The genesis note of a wallet, if it has one. */
export function genesisNoteOf(genesis: Genesis, pk: NotePublicKey): GenesisNote | undefined {
  return genesisNotes(genesis).find(({ note }) => note.pk === pk);
}

/** The ledger before the first block. */
export function genesisLedger(genesis: Genesis): LedgerState {
  return {
    notes: ImmutableMap(genesisNotes(genesis).map(({ id, note }) => [id, note])),
    channels: ImmutableMap(genesis.tx.tx.ops.map((op) => [op.channel, channelAfter(op)])),
    leaderNotes: ImmutableSet(genesis.leaders.map((leader) => leader.note)),
  };
}
