import { CodedError } from "../core/errors.ts";
import type { Commitments, Header, Hex32, LedgerTx, MantleTx, Op, SignedTx } from "./types.ts";

/**
 * The byte layouts that are hashed, all little-endian and as in the real node (docs/chain.md). `binary.ts` reads them
 * back and adds the layouts that only travel.
 */

/** Largest number that a count byte of an ordinary transaction can hold. */
export const MAX_COUNT = 255;

/** Opcodes of the operations that the embedded node knows. */
export const OPCODE = { inscribe: 0x00, blob: 0x01 } as const;

const U64_END = 2n ** 64n;
const LOWER_HEX = /^[0-9a-f]*$/;
const text = new TextEncoder();

/** Appends little-endian values to a growing buffer. */
export class Writer {
  #bytes = Buffer.alloc(256);
  #length = 0;

  u8(value: number): this {
    this.#checkRange(value, 0xff, "u8");
    const at = this.#grow(1);
    this.#bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    this.#checkRange(value, 0xffff, "u16");
    const at = this.#grow(2);
    this.#bytes.writeUInt16LE(value, at);
    return this;
  }

  u32(value: number): this {
    this.#checkRange(value, 0xffff_ffff, "u32");
    const at = this.#grow(4);
    this.#bytes.writeUInt32LE(value, at);
    return this;
  }

  u64(value: bigint | number): this {
    if (typeof value === "number") this.#checkRange(value, Number.MAX_SAFE_INTEGER, "u64");
    const integer = BigInt(value);
    if (integer < 0n || integer >= U64_END) throw unencodable(`${integer} is not a u64`);
    const at = this.#grow(8);
    this.#bytes.writeBigUInt64LE(integer, at);
    return this;
  }

  bytes(bytes: Uint8Array, length: number = bytes.length): this {
    if (bytes.length !== length) throw unencodable(`${bytes.length} bytes where the layout has ${length}`);
    const at = this.#grow(length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** 32 bytes given in hex. */
  id(hex: Hex32): this {
    if (hex.length !== 64) throw unencodable(`"${hex}" is not 64 hex digits`);
    if (!LOWER_HEX.test(hex)) throw unencodable(`"${hex}" is not lower-case hex`);
    const at = this.#grow(32);
    this.#bytes.write(hex, at, 32, "hex");
    return this;
  }

  /** The count of a list whose layout has one byte for it. */
  count(length: number, what: string): this {
    if (length > MAX_COUNT) throw unencodable(`${length} ${what} where a transaction holds at most ${MAX_COUNT}`);
    return this.u8(length);
  }

  /** Begins anew, in the same memory. */
  reset(): this {
    this.#length = 0;
    return this;
  }

  /** Puts the number of bytes written since `from` there, where a u32 was left open for it. */
  lengthAt(from: number): this {
    this.#bytes.writeUInt32LE(this.#length - from - 4, from);
    return this;
  }

  get length(): number {
    return this.#length;
  }

  /** What was written, without a copy: of use until something more is. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  finish(): Uint8Array {
    return new Uint8Array(this.written());
  }

  #checkRange(value: number, max: number, what: string): void {
    if (!Number.isSafeInteger(value) || value < 0 || value > max) throw unencodable(`${value} is not a ${what}`);
  }

  /** Room for `by` bytes; where they begin. May replace the buffer, so call it before touching that. */
  #grow(by: number): number {
    const at = this.#length;
    this.#length += by;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return at;
  }
}

function unencodable(what: string): CodedError {
  return new CodedError("NR-CHAIN-ENCODE", `can't encode: ${what}`, {
    hint: "Build the value with the functions of the chain room, which keep the layouts' limits.",
  });
}

/** Which integers the lists' counts are written as; only the genesis transaction has more than a byte. */
export type CountWidth = "u8" | "u32";

function writeCount(out: Writer, length: number, what: string, width: CountWidth): Writer {
  return width === "u8" ? out.count(length, what) : out.u32(length);
}

/** Opcode and payload of an operation. */
function writeOp(out: Writer, op: Op): Writer {
  out.u8(OPCODE[op.type]);
  return writeOpPayload(out, op);
}

/** An operation without its opcode: what a message id is the hash of. */
export function writeOpPayload(out: Writer, op: Op): Writer {
  out.id(op.channel);
  if (op.type === "inscribe") {
    out.u32(op.inscription.length).bytes(op.inscription);
  } else {
    out.u64(op.session).id(op.blob).u64(op.blobSize).u64(op.storageGasPrice);
  }
  return out.id(op.parent).id(op.signer);
}

/** Inputs and outputs. */
export function writeLedgerTx(out: Writer, ledger: LedgerTx, width: CountWidth = "u8"): Writer {
  writeCount(out, ledger.inputs.length, "inputs", width);
  for (const input of ledger.inputs) out.id(input);
  writeCount(out, ledger.outputs.length, "outputs", width);
  for (const note of ledger.outputs) out.u64(note.value).id(note.pk);
  return out;
}

/** Operations, ledger transaction and gas prices. */
export function writeMantleTx(out: Writer, tx: MantleTx, width: CountWidth = "u8"): Writer {
  writeCount(out, tx.ops.length, "operations", width);
  for (const op of tx.ops) writeOp(out, op);
  return writeLedgerTx(out, tx.ledger, width).u64(tx.executionGasPrice).u64(tx.storageGasPrice);
}

/** Length of a transaction's encoding with its proofs, in bytes. */
export function signedTxBytes({ tx, opProofs, ledgerProof }: SignedTx): number {
  const { ops, ledger } = tx;
  const opsBytes = ops.reduce((sum, op) => sum + (op.type === "inscribe" ? 101 + op.inscription.length : 153), 0);
  const ledgerBytes = 32 * ledger.inputs.length + 40 * ledger.outputs.length;
  return 3 + opsBytes + ledgerBytes + 16 + 64 * opProofs.length + ledgerProof.length;
}

/** What a header's encoding begins with: domain and version 1, "Bedrock". */
export const HEADER_PREFIX = Uint8Array.of(...text.encode("BLOCK_ID_V1"), 0x01);

/** A header's fields in the order in which they are hashed and sent. */
export function writeHeader(out: Writer, header: Header): Writer {
  const { proof, entropy, leaderKey, voucher } = header.leadership;
  return out
    .bytes(HEADER_PREFIX)
    .id(header.parent)
    .u64(header.slot)
    .id(header.blockRoot)
    .id(voucher)
    .id(entropy)
    .bytes(proof, 128)
    .id(leaderKey);
}

/** What a blob id is the hash of. */
export function writeCommitments(out: Writer, commitments: Commitments): Writer {
  return out.id(commitments.root).u16(commitments.shares).u16(commitments.needed).u32(commitments.size);
}
