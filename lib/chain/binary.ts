import { bytesToHex, equalBytes } from "../core/bytes.ts";
import { CodedError } from "../core/errors.ts";
import { HEADER_PREFIX, OPCODE, Writer, writeCommitments, writeHeader, writeMantleTx } from "./encoding.ts";
import { MAX_BLOCK_TXS } from "./ledger.ts";
import { blobId, headerId } from "./suite.ts";
import type { Block, Commitments, Header, Hex32, LedgerTx, MantleTx, Op, OpProof, Share, SignedTx } from "./types.ts";

/**
 * The layouts that nodes exchange and store. Decoders are strict: what they accept encodes to the same bytes again, and
 * every fault is a CodedError NR-CHAIN-DECODE that says where.
 */

/** Reads little-endian values from a byte string; every method but `end` throws CodedError NR-CHAIN-DECODE when bytes are short. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  #at = 0;

  /** @param what names the thing read, for errors. */
  constructor(bytes: Uint8Array, what = "message") {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  /** A u64 that must be exact as a number. */
  safeInteger(): number {
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.fault(`${value} is beyond 2^53`);
    return Number(value);
  }

  /** A copy, so that what is decoded doesn't keep the whole buffer. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.slice(at, at + length);
  }

  id(): Hex32 {
    const at = this.#take(32);
    return bytesToHex(this.#bytes.subarray(at, at + 32));
  }

  list<T>(count: number, item: () => T): T[] {
    return Array.from({ length: count }, item);
  }

  /** @throws CodedError NR-CHAIN-DECODE when bytes are left. */
  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw this.fault(`${left} bytes follow the end`);
  }

  /** The error of this reader for a fault of its caller's finding. */
  fault(what: string): CodedError {
    return new CodedError("NR-CHAIN-DECODE", `can't decode a ${this.#what}: ${what} at byte ${this.#at}`, {
      hint: "The sender speaks another layout, or the bytes were cut or altered on the way.",
    });
  }

  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) {
      throw this.fault(`${length} bytes are due, ${this.#bytes.length - at} are left`);
    }
    this.#at = at + length;
    return at;
  }
}

function decode<T>(bytes: Uint8Array, what: string, read: (input: Reader) => T): T {
  const input = new Reader(bytes, what);
  const value = read(input);
  input.end();
  return value;
}

/** Bytes of a transaction without proofs: what its hash is of. */
export function encodeMantleTx(tx: MantleTx): Uint8Array {
  return writeMantleTx(new Writer(), tx).finish();
}

/** @throws CodedError NR-CHAIN-DECODE */
export function decodeMantleTx(bytes: Uint8Array): MantleTx {
  return decode(bytes, "transaction", readMantleTx);
}

/** Bytes of a transaction with its proofs. @throws CodedError NR-CHAIN-ENCODE for the genesis transaction's. */
export function encodeSignedTx(signed: SignedTx): Uint8Array {
  return writeSignedTx(new Writer(), signed).finish();
}

/** @throws CodedError NR-CHAIN-DECODE */
export function decodeSignedTx(bytes: Uint8Array): SignedTx {
  return decode(bytes, "signed transaction", readSignedTx);
}

/** Bytes of a header: what its id is of. */
export function encodeHeader(header: Header): Uint8Array {
  return writeHeader(new Writer(), header).finish();
}

/** @throws CodedError NR-CHAIN-DECODE */
export function decodeHeader(bytes: Uint8Array): Header {
  return decode(bytes, "header", readHeader);
}

/** Header, signature, u16 count and the signed transactions. */
export function encodeBlock(block: Block): Uint8Array {
  const out = writeHeader(new Writer(), block.header).bytes(block.signature, 64).u16(block.txs.length);
  for (const signed of block.txs) writeSignedTx(out, signed);
  return out.finish();
}

/** The block with its id computed anew. @throws CodedError NR-CHAIN-DECODE */
export function decodeBlock(bytes: Uint8Array): Block {
  return decode(bytes, "block", (input) => {
    const header = readHeader(input);
    const signature = input.bytes(64);
    const count = input.u16();
    if (count > MAX_BLOCK_TXS) throw input.fault(`${count} transactions, at most ${MAX_BLOCK_TXS} are allowed,`);
    return { id: headerId(header), header, signature, txs: input.list(count, () => readSignedTx(input)) };
  });
}

/** Commitments, index, path and column. */
export function encodeShare(share: Share): Uint8Array {
  const out = writeCommitments(new Writer(), share.commitments).u16(share.index).u8(share.path.length);
  for (const node of share.path) out.id(node);
  return out.u32(share.column.length).bytes(share.column).finish();
}

/** The share with its blob id computed anew; whether it belongs to the blob is `verifyShare`'s to say. @throws CodedError NR-CHAIN-DECODE */
export function decodeShare(bytes: Uint8Array): Share {
  return decode(bytes, "share", (input) => {
    const commitments = readCommitments(input);
    const index = input.u16();
    const path = input.list(input.u8(), () => input.id());
    return { blob: blobId(commitments), index, column: input.bytes(input.u32()), path, commitments };
  });
}

function writeSignedTx(out: Writer, { tx, opProofs, ledgerProof }: SignedTx): Writer {
  writeMantleTx(out, tx);
  if (opProofs.length !== tx.ops.length) throw unencodableProofs(`${opProofs.length} for ${tx.ops.length} operations`);
  for (const proof of opProofs) {
    if (proof.type !== "ed25519") throw unencodableProofs("only the genesis transaction may lack one");
    out.bytes(proof.signature, 64);
  }
  return out.bytes(ledgerProof, 128);
}

function unencodableProofs(what: string): CodedError {
  return new CodedError("NR-CHAIN-ENCODE", `can't encode the operations' proofs: ${what}`, {
    hint: "Sign every operation; the genesis travels in node configuration, as JSON.",
  });
}

function readSignedTx(input: Reader): SignedTx {
  const tx = readMantleTx(input);
  const opProofs = tx.ops.map((): OpProof => ({ type: "ed25519", signature: input.bytes(64) }));
  return { tx, opProofs, ledgerProof: input.bytes(128) };
}

function readMantleTx(input: Reader): MantleTx {
  const ops = input.list(input.u8(), () => readOp(input));
  const ledger = readLedgerTx(input);
  return { ops, ledger, executionGasPrice: input.u64(), storageGasPrice: input.u64() };
}

function readOp(input: Reader): Op {
  const opcode = input.u8();
  if (opcode === OPCODE.inscribe) {
    const channel = input.id();
    const inscription = input.bytes(input.u32());
    return { type: "inscribe", channel, inscription, parent: input.id(), signer: input.id() };
  }
  if (opcode === OPCODE.blob) {
    return {
      type: "blob",
      channel: input.id(),
      session: input.u64(),
      blob: input.id(),
      blobSize: input.u64(),
      storageGasPrice: input.u64(),
      parent: input.id(),
      signer: input.id(),
    };
  }
  throw input.fault(`opcode ${opcode} is unknown`);
}

function readLedgerTx(input: Reader): LedgerTx {
  const inputs = input.list(input.u8(), () => input.id());
  const outputs = input.list(input.u8(), () => ({ value: input.u64(), pk: input.id() }));
  return { inputs, outputs };
}

function readHeader(input: Reader): Header {
  const prefix = input.bytes(HEADER_PREFIX.length);
  if (!equalBytes(prefix, HEADER_PREFIX)) throw input.fault("this is no Bedrock header");
  const parent = input.id();
  const slot = input.safeInteger();
  const blockRoot = input.id();
  const voucher = input.id();
  const entropy = input.id();
  const proof = input.bytes(128);
  return { parent, slot, blockRoot, leadership: { proof, entropy, leaderKey: input.id(), voucher } };
}

function readCommitments(input: Reader): Commitments {
  return { root: input.id(), shares: input.u16(), needed: input.u16(), size: input.u32() };
}
