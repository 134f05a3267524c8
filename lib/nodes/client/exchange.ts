import type { Dispatcher } from "undici";
import { CodedError, errorText } from "../../core/errors.ts";
import type { NodeRequest, NodeResponse } from "../../model/transport.ts";
import type { Deadline } from "./deadlines.ts";
import type { Interruptible } from "./interruptions.ts";

/** Is told once how an exchange ended, and says what its caller gets. */
export interface ExchangeEnds {
  answered(exchange: Exchange, response: NodeResponse): void;
  failed(exchange: Exchange, reason: unknown): void;
  /** What it failed with when its time was over. */
  late(exchange: Exchange): CodedError;
}

/**
 * One request on its way, and its answer. It takes undici's events as they come: the stream that `request` wraps them in
 * costs as much as all the rest of a small exchange. It is its own deadline and what an interruption ends, so that a
 * transaction leaves little to collect.
 */
export class Exchange implements Dispatcher.DispatchHandler, Deadline, Interruptible {
  readonly request: NodeRequest;
  readonly due: number;
  /** What its caller waits for. */
  readonly response: Promise<NodeResponse>;
  readonly #ends: ExchangeEnds;
  readonly #mostBytes: number;
  #resolve: (response: NodeResponse) => void = unset;
  #reject: (reason: unknown) => void = unset;
  #first: Buffer | undefined;
  #chunks: Buffer[] | undefined;
  #bytes = 0;
  #status = 0;
  #controller: Dispatcher.DispatchController | undefined;
  /** Why it was given up. */
  #cancelled: { readonly reason: unknown } | undefined;
  #over = false;

  /**
   * @param due when it is late, on the clock
   * @param mostBytes of an answer; a longer one is no node's
   */
  constructor(request: NodeRequest, due: number, mostBytes: number, ends: ExchangeEnds) {
    this.request = request;
    this.due = due;
    this.#mostBytes = mostBytes;
    this.#ends = ends;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether it was given up, late or interrupted. */
  get cancelled(): boolean {
    return this.#cancelled !== undefined;
  }

  /** Forgets what came of it so far: it is sent again. */
  restart(): void {
    this.#first = undefined;
    this.#chunks = undefined;
    this.#bytes = 0;
    this.#over = false;
  }

  resolve(response: NodeResponse): void {
    this.#resolve(response);
  }

  reject(reason: unknown): void {
    this.#reject(reason);
  }

  late(): void {
    this.#cancel(this.#ends.late(this));
  }

  interrupted(): void {
    this.#cancel(this.request.signal?.reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#cancelled) controller.abort(asError(this.#cancelled.reason));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#mostBytes) {
      const message = `the answer is longer than ${this.#mostBytes} bytes`;
      const hint = "Something else than a node answers there.";
      this.#cancel(new CodedError("NR-NODE-ANSWER", message, { hint }));
    } else if (this.#first === undefined) this.#first = chunk;
    else (this.#chunks ??= [this.#first]).push(chunk);
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#over = true;
    const bytes = this.#chunks ? Buffer.concat(this.#chunks) : this.#first;
    this.#ends.answered(this, { status: this.#status, text: bytes?.toString("utf8") ?? "" });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#ends.failed(this, error);
  }

  /** Gives up the request, whether it was sent or still waits for a socket. Nothing when it is over. */
  #cancel(reason: unknown): void {
    if (this.#over) return;
    this.#cancelled ??= { reason };
    this.#over = true;
    this.#ends.failed(this, reason);
    this.#controller?.abort(asError(reason));
  }
}

/** In place of what a promise gives as it is made. */
function unset(): void {}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(errorText(reason));
}
