import { Pool } from "undici";
import type { Clock } from "../../core/clock.ts";
import { formatDuration } from "../../core/duration.ts";
import { CodedError, errorText, systemCode } from "../../core/errors.ts";
import type { BoundNode } from "../../model/binding.ts";
import type { NodeRequest, NodeResponse, Transport } from "../../model/transport.ts";
import { Deadlines } from "./deadlines.ts";
import { Exchange } from "./exchange.ts";
import { Interruptions } from "./interruptions.ts";

/** Sockets to one port of one node; requests beyond wait for one. */
const CONNECTIONS = 32;
/** Shorter than a node keeps idle connections (75 s), so that the client lets go first. */
const KEEP_ALIVE_MS = 60_000;
/** Of an answer: a block of 1,024 transactions is 2 MB of JSON, and nothing that a node says is longer than a few such. */
const MOST_BYTES = 64 * 2 ** 20;
const JSON_BODY = { "content-type": "application/json" };

/** Failures of a socket that was kept alive and is of no use any more: the request may not have been seen. */
const BROKEN = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

/** HTTP over sockets, with connections kept alive. */
export function createUndiciTransport(node: BoundNode, clock: Clock): Transport {
  return new UndiciTransport(node, clock);
}

class UndiciTransport implements Transport {
  readonly #node: BoundNode;
  readonly #clock: Clock;
  readonly #deadlines: Deadlines;
  readonly #interruptions = new Interruptions();
  readonly #origins: Readonly<Record<NodeRequest["server"], string>>;
  readonly #pools: Readonly<Record<NodeRequest["server"], Pool>>;
  #last: { readonly what: string; readonly at: number } | null = null;

  constructor(node: BoundNode, clock: Clock) {
    this.#node = node;
    this.#clock = clock;
    this.#deadlines = new Deadlines(clock);
    const place = node.reach ?? node;
    const host = place.host.includes(":") ? `[${place.host}]` : place.host;
    this.#origins = { api: `http://${host}:${place.apiPort}`, testing: `http://${host}:${place.testingPort}` };
    // The deadline of each request stands for all of undici's own.
    const options = { connections: CONNECTIONS, keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: 0, bodyTimeout: 0 };
    this.#pools = { api: new Pool(this.#origins.api, options), testing: new Pool(this.#origins.testing, options) };
  }

  async request(request: NodeRequest): Promise<NodeResponse> {
    const cancellation = new Cancellation();
    const { signal } = request;
    const interrupt = () => cancellation.cancel(signal?.reason);
    const deadline = this.#deadlines.begin(request.timeoutMs, () => cancellation.cancel(this.#late(request)));
    try {
      signal?.throwIfAborted();
      if (signal) this.#interruptions.begin(signal, interrupt);
      const response = await this.#exchange(request, cancellation);
      this.#last = { what: `${response.status} to ${request.method} ${request.path}`, at: this.#clock.now() };
      return response;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof CodedError) throw error;
      const why = systemCode(error) ?? errorText(error);
      if (error instanceof Error && error.name === "HTTPParserError") {
        throw new CodedError("NR-NODE-ANSWER", `what is at ${this.#address(request)} doesn't speak HTTP: ${why}`, {
          hint: "Something else than a node listens there, or one that wants TLS.",
          cause: error,
        });
      }
      const message = `can't reach ${this.#address(request)}: ${why}; last seen: ${this.#lastSeen()}`;
      throw new CodedError("NR-NODE-UNREACHABLE", message, {
        hint: "The node is down, still starting, or listens elsewhere; its log in the run folder says which.",
        cause: error,
      });
    } finally {
      this.#deadlines.end(deadline);
      if (signal) this.#interruptions.end(signal, interrupt);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#pools.api.destroy(), this.#pools.testing.destroy()]);
    this.#deadlines.stop();
  }

  /** A GET is tried again once on a new socket when the kept one turns out to be broken. */
  async #exchange(request: NodeRequest, cancellation: Cancellation): Promise<NodeResponse> {
    try {
      return await this.#once(request, cancellation);
    } catch (error) {
      if (request.method !== "GET" || cancellation.cancelled || !BROKEN.has(systemCode(error) ?? "")) throw error;
      return await this.#once(request, cancellation);
    }
  }

  #once(request: NodeRequest, cancellation: Cancellation): Promise<NodeResponse> {
    const { method, path, body } = request;
    const exchange = new Exchange(MOST_BYTES);
    cancellation.of(exchange);
    const content = body === undefined ? {} : { body, headers: JSON_BODY };
    this.#pools[request.server].dispatch({ method, path, ...content }, exchange);
    return exchange.response;
  }

  #address({ server, path }: NodeRequest): string {
    return `${this.#node.name} at ${this.#origins[server]}${path}`;
  }

  #late(request: NodeRequest): CodedError {
    const what = `${request.method} to ${this.#address(request)}`;
    const message = `${what} took longer than ${formatDuration(request.timeoutMs)}; last seen: ${this.#lastSeen()}`;
    return new CodedError("NR-NODE-TIMEOUT", message);
  }

  #lastSeen(): string {
    if (this.#last === null) return "nothing yet";
    return `${this.#last.what}, ${Math.round(this.#clock.now() - this.#last.at)} ms before`;
  }
}

/** Gives up whatever exchange a request is at. */
class Cancellation {
  #exchange: Exchange | undefined;
  #cancelled = false;

  get cancelled(): boolean {
    return this.#cancelled;
  }

  of(exchange: Exchange): void {
    this.#exchange = exchange;
  }

  cancel(reason: unknown): void {
    this.#cancelled = true;
    this.#exchange?.cancel(reason);
  }
}
