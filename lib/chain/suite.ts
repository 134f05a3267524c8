import { bytesToHex, hexToBytes } from "../core/bytes.ts";
import { blake2b256 } from "./blake2b.ts";
import {
  type CountWidth,
  Writer,
  writeCommitments,
  writeHeader,
  writeLedgerTx,
  writeMantleTx,
  writeOpPayload,
} from "./encoding.ts";
import { merkleRoot } from "./merkle.ts";
import type {
  BlobId,
  Commitments,
  Header,
  HeaderId,
  Hex32,
  LedgerTx,
  MantleTx,
  MessageId,
  NoteId,
  NotePublicKey,
  Op,
  TxHash,
} from "./types.ts";

/*
 * The embedded cryptographic suite: the one place that says which hash stands for which of the real node's.
 * Poseidon2 over BN254 becomes BLAKE2b-256 with the top three bits cleared; where the real node uses BLAKE2b-256, so do
 * we. Signatures are in `keys.ts`, the lottery's VRF in `vrf.ts`.
 */
const text = new TextEncoder();

/** A 32-byte digest as a field element: little-endian, top three bits cleared, so that it is below BN254's order. */
export function digestToField(digest: Uint8Array): Hex32 {
  return inField(digest.slice(0, 32));
}

function inField(own: Uint8Array): Hex32 {
  own[31] = (own[31] as number) & 0x1f;
  return bytesToHex(own);
}

/** Each domain as it begins what is hashed: its length and its bytes. There are a handful. */
const domains = new Map<string, Uint8Array>();

function domainHead(domain: string): Uint8Array {
  let head = domains.get(domain);
  if (head === undefined) {
    const name = text.encode(domain);
    head = new Writer().u32(name.length).bytes(name).finish();
    domains.set(domain, head);
  }
  return head;
}

/**
 * The suite's stand-in for the Poseidon2 sponge: BLAKE2b-256 over the domain and the parts, each preceded by its length
 * (u32), so that no two lists of parts have one encoding.
 */
export function hashToField(domain: string, ...parts: readonly Uint8Array[]): Hex32 {
  const out = new Writer().bytes(domainHead(domain));
  for (const part of parts) out.u32(part.length).bytes(part);
  return inField(blake2b256(out.written()));
}

/** Where what is hashed at once is written; each hash is over before the next begins. */
const scratch = new Writer();

/** {@link hashToField} of the one part that `write` writes. */
function hashWritten(domain: string, write: (out: Writer) => void): Hex32 {
  const out = scratch.reset().bytes(domainHead(domain));
  const from = out.length;
  write(out.u32(0));
  return inField(blake2b256(out.lengthAt(from).written()));
}

const txHashes = new WeakMap<MantleTx, TxHash>();

/** A transaction's hash: what its signatures sign and its id in mempool and block root. Remembered per object. */
export function txHash(tx: MantleTx): TxHash {
  let hash = txHashes.get(tx);
  if (hash === undefined) {
    hash = hashWritten("NOMOS_MANTLE_TXHASH_V1", (out) => writeMantleTx(out, tx));
    txHashes.set(tx, hash);
  }
  return hash;
}

/** Hash of the ledger part alone: what note ids derive from. */
export function ledgerHash(ledger: LedgerTx): Hex32 {
  return hashWritten("NOMOS_LEDGER_TXHASH_V1", (out) => writeLedgerTx(out, ledger));
}

/**
 * Hashes of the genesis transaction. It may have more than 255 outputs, so its counts are u32, under domains of its own
 * that also bind how many of its first outputs are leader notes.
 */
export function genesisHashes(tx: MantleTx, leaders: number): { tx: TxHash; ledger: Hex32 } {
  const wide: CountWidth = "u32";
  const count = new Writer().u32(leaders).finish();
  return {
    tx: hashToField("NOMOS_RUN_GENESIS_TXHASH_V1", count, writeMantleTx(new Writer(), tx, wide).finish()),
    ledger: hashToField("NOMOS_RUN_GENESIS_LEDGER_TXHASH_V1", writeLedgerTx(new Writer(), tx.ledger, wide).finish()),
  };
}

/** Id of the note that is output `index` of the ledger transaction with hash `ledger`. */
export function noteId(ledger: Hex32, index: number, value: bigint, pk: NotePublicKey): NoteId {
  const out = scratch.reset().bytes(domainHead("NOMOS_NOTE_ID_V1"));
  out.u32(32).id(ledger).u32(16).u64(index).u64(value).u32(32).id(pk);
  return inField(blake2b256(out.written()));
}

/** The note owner's public key that belongs to an Ed25519 public key. */
export function notePk(key: Hex32): NotePublicKey {
  return hashToField("NOMOS_KDF", hexToBytes(key));
}

/** Id of a channel message: BLAKE2b-256 of the operation's payload, without the opcode. */
export function messageId(op: Op): MessageId {
  return bytesToHex(blake2b256(writeOpPayload(new Writer(), op).finish()));
}

/** Id of a blob. */
export function blobId(commitments: Commitments): BlobId {
  return bytesToHex(blake2b256(writeCommitments(new Writer(), commitments).finish()));
}

/** Id of a header. */
export function headerId(header: Header): HeaderId {
  return bytesToHex(blake2b256(writeHeader(new Writer(), header).finish()));
}

/** Merkle root of a block's transaction hashes. */
export function blockRoot(hashes: readonly TxHash[]): Hex32 {
  return bytesToHex(merkleRoot(hashes.map((hash) => hexToBytes(hash))));
}
