import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { HttpRefusal, REFUSALS, refuse } from "../../../chain/http/refusal.ts";
import { TEXT_TYPE } from "../../../chain/http/route.ts";
import type { Clock } from "../../../core/clock.ts";
import { errorText, systemCode } from "../../../core/errors.ts";
import { listen } from "../listen.ts";
import type { ApiAnswer, Dispatch } from "./dispatch.ts";
import { RateLimit, type RateLimitSettings } from "./rate-limit.ts";

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly dispatch: Dispatch;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  readonly rateLimit: RateLimitSettings | undefined;
  /** Counts what was answered, for the node's metrics. */
  onAnswered(status: number): void;
  /** A request that failed by a fault of the node's own, and was answered with 500. */
  onError(request: string, error: unknown): void;
}

/** Not `import`: that evaluates every export of the module, its WebSocket too, for 60 ms and 6 MiB a node (measured). */
const { createServer, STATUS_CODES } = process.getBuiltinModule("node:http");

/** Idle connections are kept this long: longer than any client's pause between polls. */
const KEEP_ALIVE_MS = 75_000;

/** One of the node's two HTTP ports. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: Server;
  readonly #rateLimit: RateLimit | null;

  private constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#rateLimit = options.rateLimit ? new RateLimit(options.rateLimit, options.clock) : null;
    this.#server = createServer({
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: options.timeoutMs,
      headersTimeout: options.timeoutMs,
      connectionsCheckingInterval: Math.min(options.timeoutMs, 5_000),
    });
    this.#server.on("clientError", answerBrokenRequest);
    this.#server.on("request", (request, response) => void this.#serve(request, response));
  }

  /** @throws CodedError NR-NODE-PORT when the address can't be had. */
  static async start(options: HttpServerOptions, what: string): Promise<HttpServer> {
    const server = new HttpServer(options);
    await listen(server.#server, options.host, options.port, what);
    return server;
  }

  /** Ends at once, open requests too. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.#answer(request);
      if (answer === null || response.destroyed) return;
      this.#options.onAnswered(answer.status);
      response.writeHead(answer.status, { "content-type": answer.mediaType });
      if (typeof answer.body === "string") response.end(answer.body);
      else await stream(answer.body, response);
    } catch (error) {
      this.#options.onError(`${request.method} ${request.url}`, error);
      response.destroy();
    }
  }

  /** Null when the client went away before its request was complete. */
  async #answer(request: IncomingMessage): Promise<ApiAnswer | null> {
    try {
      const wait = this.#rateLimit?.take(request.socket.remoteAddress ?? "") ?? 0;
      const body = await readBody(request, this.#options.maxBodyBytes);
      if (body.type === "gone") return null;
      if (wait > 0) throw refuse("tooMany", String(wait));
      if (body.type === "too-large") throw refuse("tooLarge");
      return await this.#options.dispatch.answer({
        method: request.method ?? "",
        target: request.url ?? "",
        contentType: request.headers["content-type"],
        body: body.text,
      });
    } catch (error) {
      if (!(error instanceof HttpRefusal)) this.#options.onError(`${request.method} ${request.url}`, error);
      const { status, message } = error instanceof HttpRefusal ? error : refuse("failed", errorText(error));
      return { status, mediaType: TEXT_TYPE, body: message };
    }
  }
}

/** A request that never became one: too slow, or not HTTP. */
function answerBrokenRequest(error: Error, socket: Duplex): void {
  if (!socket.writable) return;
  const { status, text } = systemCode(error) === "ERR_HTTP_REQUEST_TIMEOUT" ? REFUSALS.timeout : REFUSALS.badRequest;
  const body = text();
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, `content-type: ${TEXT_TYPE}`, "connection: close"];
  socket.end([...head, `content-length: ${Buffer.byteLength(body)}`, "", body].join("\r\n"));
}

/**
 * Reads to the end in every case, so that the client reads our answer before the connection's fate; what is over the
 * limit isn't kept.
 */
function readBody(request: IncomingMessage, limit: number): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) chunks.length = 0;
      else chunks.push(chunk);
    });
    request.on("end", () => {
      if (length > limit) resolve({ type: "too-large" });
      else resolve({ type: "whole", text: Buffer.concat(chunks).toString("utf8") });
    });
    request.on("close", () => resolve({ type: "gone" }));
  });
}

type Body =
  | { readonly type: "whole"; readonly text: string }
  | { readonly type: "too-large" }
  /** The client went away before its request was complete. */
  | { readonly type: "gone" };

/** Sends lines as they come, until they end or the client goes away. */
async function stream(lines: AsyncIterable<string>, response: ServerResponse): Promise<void> {
  response.flushHeaders();
  const iterator = lines[Symbol.asyncIterator]();
  response.once("close", () => void iterator.return?.());
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    if (response.destroyed) break;
    response.write(`${next.value}\n`);
  }
  response.end();
}
