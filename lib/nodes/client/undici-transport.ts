import { Pool } from "undici";
import type { Clock } from "../../core/clock.ts";
import { formatDuration } from "../../core/duration.ts";
import { CodedError, errorText, systemCode } from "../../core/errors.ts";
import type { BoundNode } from "../../model/binding.ts";
import type { NodeRequest, NodeResponse, Transport } from "../../model/transport.ts";
import { Deadlines } from "./deadlines.ts";
import { Exchange, type ExchangeEnds } from "./exchange.ts";
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

class UndiciTransport implements Transport, ExchangeEnds {
  readonly #node: BoundNode;
  readonly #clock: Clock;
  readonly #deadlines: Deadlines;
  readonly #interruptions = new Interruptions();
  readonly #origins: Readonly<Record<NodeRequest["server"], string>>;
  readonly #pools: Readonly<Record<NodeRequest["server"], Pool>>;
  /** Exchanges that are made a second time. */
  readonly #again = new WeakSet<Exchange>();
  /** The last answer: to what, and when. */
  #last: { status: number; method: string; path: string; at: number } | null = null;

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

  request(request: NodeRequest): Promise<NodeResponse> {
    const { signal } = request;
    const exchange = new Exchange(request, this.#clock.now() + request.timeoutMs, MOST_BYTES, this);
    if (signal?.aborted) {
      exchange.reject(signal.reason);
      return exchange.response;
    }
    this.#deadlines.begin(exchange);
    if (signal) this.#interruptions.begin(signal, exchange);
    this.#dispatch(exchange);
    return exchange.response;
  }

  answered(exchange: Exchange, response: NodeResponse): void {
    const { method, path } = exchange.request;
    this.#last = { status: response.status, method, path, at: this.#clock.now() };
    this.#over(exchange);
    exchange.resolve(response);
  }

  /** A GET is tried again once on a new socket when the kept one turns out to be broken. */
  failed(exchange: Exchange, reason: unknown): void {
    const broken = !exchange.cancelled && BROKEN.has(systemCode(reason) ?? "");
    if (broken && exchange.request.method === "GET" && !this.#again.has(exchange)) {
      this.#again.add(exchange);
      exchange.restart();
      this.#dispatch(exchange);
      return;
    }
    this.#over(exchange);
    exchange.reject(this.#told(exchange.request, reason));
  }

  late({ request }: Exchange): CodedError {
    const what = `${request.method} to ${this.#address(request)}`;
    const message = `${what} took longer than ${formatDuration(request.timeoutMs)}; last seen: ${this.#lastSeen()}`;
    return new CodedError("NR-NODE-TIMEOUT", message);
  }

  async close(): Promise<void> {
    await Promise.all([this.#pools.api.destroy(), this.#pools.testing.destroy()]);
    this.#deadlines.stop();
  }

  #dispatch(exchange: Exchange): void {
    const { server, method, path, body } = exchange.request;
    const request = body === undefined ? { method, path } : { method, path, body, headers: JSON_BODY };
    this.#pools[server].dispatch(request, exchange);
  }

  #over(exchange: Exchange): void {
    this.#deadlines.end(exchange);
    const { signal } = exchange.request;
    if (signal) this.#interruptions.end(signal, exchange);
  }

  /** What the caller is told of a failure. */
  #told(request: NodeRequest, reason: unknown): unknown {
    if (request.signal?.aborted) return request.signal.reason;
    if (reason instanceof CodedError) return reason;
    const why = systemCode(reason) ?? errorText(reason);
    if (reason instanceof Error && reason.name === "HTTPParserError") {
      return new CodedError("NR-NODE-ANSWER", `what is at ${this.#address(request)} doesn't speak HTTP: ${why}`, {
        hint: "Something else than a node listens there, or one that wants TLS.",
        cause: reason,
      });
    }
    const message = `can't reach ${this.#address(request)}: ${why}; last seen: ${this.#lastSeen()}`;
    return new CodedError("NR-NODE-UNREACHABLE", message, {
      hint: "The node is down, still starting, or listens elsewhere; its log in the run folder says which.",
      cause: reason,
    });
  }

  #address({ server, path }: Pick<NodeRequest, "server" | "path">): string {
    return `${this.#node.name} at ${this.#origins[server]}${path}`;
  }

  #lastSeen(): string {
    if (this.#last === null) return "nothing yet";
    const { status, method, path, at } = this.#last;
    return `${status} to ${method} ${path}, ${Math.round(this.#clock.now() - at)} ms before`;
  }
}
