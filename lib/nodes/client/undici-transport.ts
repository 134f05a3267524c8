import { Pool } from "undici";
import type { Clock } from "../../core/clock.ts";
import { CodedError, errorText, systemCode } from "../../core/errors.ts";
import { withDeadline } from "../../core/wait.ts";
import type { BoundNode } from "../../model/binding.ts";
import type { NodeRequest, NodeResponse, Transport } from "../../model/transport.ts";

/** Sockets to one port of one node; requests beyond wait for one. */
const CONNECTIONS = 32;
/** Shorter than a node keeps idle connections (75 s), so that the client lets go first. */
const KEEP_ALIVE_MS = 60_000;

/** Failures of a socket that was kept alive and is of no use any more: the request may not have been seen. */
const BROKEN = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

/** HTTP over sockets, with connections kept alive. */
export function createUndiciTransport(node: BoundNode, clock: Clock): Transport {
  return new UndiciTransport(node, clock);
}

class UndiciTransport implements Transport {
  readonly #node: BoundNode;
  readonly #clock: Clock;
  readonly #origins: Readonly<Record<NodeRequest["server"], string>>;
  readonly #pools: Readonly<Record<NodeRequest["server"], Pool>>;
  #last: { readonly what: string; readonly at: number } | null = null;

  constructor(node: BoundNode, clock: Clock) {
    this.#node = node;
    this.#clock = clock;
    const host = node.host.includes(":") ? `[${node.host}]` : node.host;
    this.#origins = { api: `http://${host}:${node.apiPort}`, testing: `http://${host}:${node.testingPort}` };
    // The deadline of each request stands for all of undici's own.
    const options = { connections: CONNECTIONS, keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: 0, bodyTimeout: 0 };
    this.#pools = { api: new Pool(this.#origins.api, options), testing: new Pool(this.#origins.testing, options) };
  }

  async request(request: NodeRequest): Promise<NodeResponse> {
    const what = `${this.#node.name} at ${this.#origins[request.server]}${request.path}`;
    try {
      const response = await withDeadline(
        {
          clock: this.#clock,
          what: `${request.method} to ${what}`,
          timeoutMs: request.timeoutMs,
          ...(request.signal ? { signal: request.signal } : {}),
          code: "NR-NODE-TIMEOUT",
          seen: () => this.#lastSeen(),
        },
        (signal) => this.#exchange(request, signal),
      );
      this.#last = { what: `${response.status} to ${request.method} ${request.path}`, at: this.#clock.now() };
      return response;
    } catch (error) {
      request.signal?.throwIfAborted();
      if (error instanceof CodedError) throw error;
      const why = systemCode(error) ?? errorText(error);
      throw new CodedError("NR-NODE-UNREACHABLE", `can't reach ${what}: ${why}; last seen: ${this.#lastSeen()}`, {
        hint: "The node is down, still starting, or listens elsewhere; its log in the run folder says which.",
        cause: error,
      });
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#pools.api.destroy(), this.#pools.testing.destroy()]);
  }

  /** A GET is tried again once on a new socket when the kept one turns out to be broken. */
  async #exchange(request: NodeRequest, signal: AbortSignal): Promise<NodeResponse> {
    try {
      return await this.#once(request, signal);
    } catch (error) {
      if (request.method !== "GET" || signal.aborted || !BROKEN.has(systemCode(error) ?? "")) throw error;
      return await this.#once(request, signal);
    }
  }

  async #once(request: NodeRequest, signal: AbortSignal): Promise<NodeResponse> {
    const { method, path, body } = request;
    const { statusCode, body: answer } = await this.#pools[request.server].request({
      method,
      path,
      signal,
      ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
    });
    return { status: statusCode, text: await answer.text() };
  }

  #lastSeen(): string {
    if (this.#last === null) return "nothing yet";
    return `${this.#last.what}, ${Math.round(this.#clock.now() - this.#last.at)} ms before`;
  }
}
