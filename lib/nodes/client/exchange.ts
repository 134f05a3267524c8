import type { Dispatcher } from "undici";
import { CodedError, errorText } from "../../core/errors.ts";
import type { NodeResponse } from "../../model/transport.ts";

/**
 * One request on its way, and its answer. It takes undici's events as they come: the stream that `request` wraps them in
 * costs as much as all the rest of a small exchange.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Rejects with what undici says, or with what the exchange was cancelled for. */
  readonly response: Promise<NodeResponse>;
  readonly #settle = Promise.withResolvers<NodeResponse>();
  readonly #chunks: Buffer[] = [];
  readonly #mostBytes: number;
  #bytes = 0;
  #status = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #cancelled: { readonly reason: unknown } | undefined;

  /** @param mostBytes of an answer; a longer one is no node's */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
    this.response = this.#settle.promise;
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
    if (this.#bytes <= this.#mostBytes) {
      this.#chunks.push(chunk);
      return;
    }
    const message = `the answer is longer than ${this.#mostBytes} bytes`;
    this.cancel(new CodedError("NR-NODE-ANSWER", message, { hint: "Something else than a node answers there." }));
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const bytes = this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : first;
    this.#settle.resolve({ status: this.#status, text: bytes?.toString("utf8") ?? "" });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle.reject(error);
  }

  /** Gives up the request, whether it was sent or still waits for a socket. Nothing when it is over. */
  cancel(reason: unknown): void {
    this.#cancelled ??= { reason };
    this.#settle.reject(reason);
    this.#controller?.abort(asError(reason));
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(errorText(reason));
}
