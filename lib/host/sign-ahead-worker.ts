import { constants, setPriority } from "node:os";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { fastBlake2b } from "../chain/blake2b.ts";
import { signedTxToJson } from "../chain/json.ts";
import { outputNotes } from "../chain/ledger.ts";
import { txHash } from "../chain/suite.ts";
import type { LedgerTx, Note, NoteId } from "../chain/types.ts";
import { signTransfer, type Wallet, walletOfKey } from "../chain/wallet.ts";
import { must } from "../core/errors.ts";
import type { SigningRow } from "../model/sign-ahead.ts";
import type { SigningBatch, SigningJob } from "./sign-ahead-protocol.ts";

/** Transfers sent on at once: whoever receives them is at it for as long. */
const BATCH = 16;

/** A row as far as it is signed. */
class Row {
  readonly #owner: Wallet;
  readonly #value: bigint;
  #note: NoteId;
  #index = 0;

  constructor({ secret, pk, note, value }: SigningRow) {
    this.#owner = walletOfKey(secret, pk);
    this.#value = value;
    this.#note = note;
  }

  /** Number of the next transfer. */
  get index(): number {
    return this.#index;
  }

  /** Leaves out the next transfer. */
  skip(): void {
    this.#note = noteOf({ inputs: [this.#note], outputs: this.#outputs() });
    this.#index++;
  }

  sign() {
    const signed = signTransfer(this.#owner, [this.#note], this.#outputs());
    this.#note = noteOf(signed.tx.ledger);
    return {
      index: this.#index++,
      tx: txHash(signed.tx),
      note: this.#note,
      json: JSON.stringify(signedTxToJson(signed)),
    };
  }

  #outputs(): readonly Note[] {
    return [{ value: this.#value, pk: this.#owner.pk }];
  }
}

function noteOf(ledger: LedgerTx): NoteId {
  return must(outputNotes(ledger)[0], "the note of a self transfer").id;
}

/** Signs in turn what each row may have ahead, and sleeps when all have it. Ends with its thread. */
function signAhead(port: MessagePort, { rows, ahead, wanted }: SigningJob): never {
  const states = rows.map((row) => new Row(row));
  const wakes = wanted.length - 1;
  let made: Made[] = [];
  const send = () => {
    if (made.length === 0) return;
    const batch = batchOf(made);
    port.postMessage(batch, [batch.bytes.buffer as ArrayBuffer]);
    made = [];
  };
  for (;;) {
    const seen = Atomics.load(wanted, wakes);
    let signed = 0;
    for (const [number, row] of states.entries()) {
      const next = Atomics.load(wanted, number);
      while (row.index < next) row.skip();
      if (row.index >= next + ahead) continue;
      made.push({ row: number, ...row.sign() });
      if (++signed % BATCH === 0) send();
    }
    send();
    if (signed === 0) Atomics.wait(wanted, wakes, seen);
  }
}

/** A transfer that was signed. */
type Made = { readonly row: number } & ReturnType<Row["sign"]>;

function batchOf(made: readonly Made[]): SigningBatch {
  let length = 0;
  return {
    rows: Int32Array.from(made, ({ row }) => row),
    indexes: Int32Array.from(made, ({ index }) => index),
    ids: made.map(({ tx, note }) => tx + note).join(""),
    // All of it is ASCII: a character is a byte.
    bytes: new TextEncoder().encode(made.map(({ json }) => json).join("")),
    ends: Int32Array.from(made, ({ json }) => (length += json.length)),
  };
}

// The build loads every part once, outside any thread.
if (parentPort) {
  const port = parentPort;
  // Who sends goes before who makes stock. Elsewhere than on Linux this would be the whole process's priority.
  if (process.platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  void fastBlake2b.then(() => signAhead(port, workerData as SigningJob));
}
