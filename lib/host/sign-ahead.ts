import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { EncodedTx } from "../chain/encoded-tx.ts";
import { CodedError, errorText } from "../core/errors.ts";
import type { SignAhead, SignedAhead, SigningRow } from "../model/sign-ahead.ts";
import { embeddedFile } from "./embedded.ts";
import { keepYoungGenerationSmall } from "./lean-heap.ts";
import { insideExecutable } from "./self.ts";
import { ID_LENGTH, type SigningBatch, type SigningJob } from "./sign-ahead-protocol.ts";

/** Transfers of a row that are signed before they are asked for. */
const AHEAD = 2;

/**
 * Signs rows of transfers in a thread of its own, so that the thread that sends them has its time for that. Each row is
 * signed at most `ahead` transfers beyond what was asked for.
 */
export function startSigningAhead(rows: readonly SigningRow[], ahead = AHEAD): SignAhead {
  // What is signed ahead outlives many collections, and each that copies megabytes of it makes 20 ms of starts late.
  keepYoungGenerationSmall();
  return new SigningThread(rows, ahead);
}

/** A transfer that is in a batch still: of what is kept long there is to be little, since collections copy it. */
interface Waiting {
  readonly index: number;
  readonly batch: Pick<SigningBatch, "ids" | "bytes" | "ends">;
  /** Its place in the batch. */
  readonly at: number;
}

class SigningThread implements SignAhead {
  readonly #queues: Waiting[][];
  /** By row, the number of the next transfer that will be asked for; behind them, how often the worker was woken. */
  readonly #wanted: Int32Array;
  readonly #wakeAfter: number;
  readonly #worker: Worker;
  readonly #failure = new AbortController();
  #asked = 0;
  #closed = false;

  constructor(rows: readonly SigningRow[], ahead: number) {
    this.#queues = rows.map(() => []);
    this.#wanted = new Int32Array(new SharedArrayBuffer(4 * (rows.length + 1)));
    // Half of the stock: woken for each, the thread would be at it all the time and in the way of whoever has the other cores.
    this.#wakeAfter = Math.ceil((rows.length * ahead) / 2);
    const plain = rows.map(({ secret, pk, note, value }) => ({ secret, pk, note, value }));
    this.#worker = startWorker({ rows: plain, ahead, wanted: this.#wanted });
    this.#worker.on("message", (batch: SigningBatch) => this.#receive(batch));
    this.#worker.on("error", (error) => this.#fail(errorText(error), error));
    this.#worker.on("exit", (code) => this.#fail(`it ended with code ${code}`));
  }

  get failed(): AbortSignal {
    return this.#failure.signal;
  }

  take(row: number, index: number): SignedAhead | undefined {
    const queue = this.#queues[row] ?? [];
    // What was signed by the caller meanwhile.
    while (queue[0] && queue[0].index < index) queue.shift();
    if (index >= Atomics.load(this.#wanted, row)) this.#passed(row, index);
    const [first] = queue;
    if (first?.index !== index) return undefined;
    queue.shift();
    return transferOf(first);
  }

  get waiting(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.length, 0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker.terminate();
  }

  #passed(row: number, index: number): void {
    Atomics.store(this.#wanted, row, index + 1);
    if (++this.#asked % this.#wakeAfter > 0) return;
    const wakes = this.#wanted.length - 1;
    Atomics.add(this.#wanted, wakes, 1);
    Atomics.notify(this.#wanted, wakes);
  }

  #receive({ rows, indexes, ids, bytes, ends }: SigningBatch): void {
    // A socket would make a Buffer of each part that is none.
    const batch = { ids, ends, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) };
    for (let at = 0; at < rows.length; at++) {
      this.#queues[rows[at] as number]?.push({ index: indexes[at] as number, batch, at });
    }
  }

  #fail(why: string, cause?: unknown): void {
    if (this.#closed || this.#failure.signal.aborted) return;
    const message = `the thread that signs transactions ahead of their time is gone: ${why}`;
    this.#failure.abort(
      new CodedError("NR-HOST-SIGNER", message, {
        hint: "Run it again; below 200 transactions per second no such thread is used.",
        ...(cause === undefined ? {} : { cause }),
      }),
    );
  }
}

function transferOf({ batch: { ids, ends, bytes }, at }: Waiting): SignedAhead {
  const from = 2 * ID_LENGTH * at;
  return {
    tx: ids.slice(from, from + ID_LENGTH),
    note: ids.slice(from + ID_LENGTH, from + 2 * ID_LENGTH),
    signed: new EncodedTx(bytes.subarray(ends[at - 1] ?? 0, ends[at])),
  };
}

function startWorker(workerData: SigningJob): Worker {
  if (insideExecutable()) {
    // A part of the executable is a function of CommonJS's variables.
    const part = Buffer.from(embeddedFile("signer.js") ?? []).toString("utf8");
    return new Worker(`${part}({}, require, {}, "")`, { eval: true, workerData });
  }
  // Beside sources it is a source, and in a package that was built it was built.
  return new Worker(new URL(`./sign-ahead-worker${extname(import.meta.url)}`, import.meta.url), { workerData });
}
