import { HttpRefusal, refuse } from "../../../chain/http/refusal.ts";
import {
  type AnswerOf,
  type ApiPort,
  matchPath,
  type NodeRole,
  type RequestOf,
  type Route,
  readRequest,
  TEXT_TYPE,
  writeAnswer,
} from "../../../chain/http/route.ts";
import { ROUTES, type RouteName } from "../../../chain/http/routes.ts";
import type { Clock } from "../../../core/clock.ts";
import { CodedError } from "../../../core/errors.ts";
import { withDeadline } from "../../../core/wait.ts";

/** What the node does for each route. A refusal is thrown as {@link HttpRefusal}. */
export type Handlers = {
  readonly [K in RouteName]: (
    request: RequestOf<(typeof ROUTES)[K]>,
  ) => AnswerOf<(typeof ROUTES)[K]> | Promise<AnswerOf<(typeof ROUTES)[K]>>;
};

/** A request whose body was read, on no particular carrier: a socket, or a call in the same process. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly contentType: string | undefined;
  readonly body: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly mediaType: string;
  /** Text, or lines that come one by one. */
  readonly body: string | AsyncIterable<string>;
}

type AnyRoute = Route<unknown, unknown>;

interface Entry {
  readonly route: AnyRoute;
  readonly handle: (request: unknown) => unknown;
}

/** Answers the requests of one node's port by the contract. */
export class Dispatch {
  /** By path, for paths that are the same for every request. */
  readonly #fixed: ReadonlyMap<string, readonly Entry[]>;
  readonly #patterns: readonly Entry[];
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  constructor(options: { role: NodeRole; port: ApiPort; handlers: Handlers; clock: Clock; timeoutMs: number }) {
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs;
    const entries = (Object.keys(ROUTES) as RouteName[])
      .map((name): Entry => {
        const handle = options.handlers[name] as (request: unknown) => unknown;
        return { route: ROUTES[name] as unknown as AnyRoute, handle };
      })
      .filter(({ route }) => route.port === options.port && route.roles.includes(options.role));
    this.#patterns = entries.filter(({ route }) => route.path.includes("{"));
    this.#fixed = Map.groupBy(
      entries.filter((entry) => !this.#patterns.includes(entry)),
      ({ route }) => route.path,
    );
  }

  /** Never rejects for what a client did; rejects for a fault of the node's own. */
  async answer(request: ApiRequest): Promise<ApiAnswer> {
    try {
      return await this.#answer(request);
    } catch (error) {
      if (!(error instanceof HttpRefusal)) throw error;
      return { status: error.status, mediaType: TEXT_TYPE, body: error.message };
    }
  }

  async #answer(request: ApiRequest): Promise<ApiAnswer> {
    const [path = "", query = ""] = request.target.split("?", 2);
    const { route, handle, parameters } = this.#find(request.method, path);
    if (route.request.in === "body" && !isJson(request.contentType)) throw refuse("notJson");
    const asked = readRequest(route, parameters, query, request.body);
    const answer = handle(asked);
    const body = writeAnswer(route, answer instanceof Promise ? await this.#inTime(answer) : answer);
    return { status: 200, mediaType: route.answer.mediaType, body };
  }

  #find(method: string, path: string) {
    const fixed = this.#fixed.get(path)?.map((entry) => ({ ...entry, parameters: {} }));
    const fitting = fixed ?? this.#matches(path);
    if (fitting.length === 0) throw refuse("noRoute", path);
    const found = fitting.find((entry) => entry.route.method === method);
    if (!found) throw refuse("wrongMethod", method);
    return found;
  }

  #matches(path: string) {
    return this.#patterns.flatMap((entry) => {
      const parameters = matchPath(entry.route.path, path);
      return parameters === null ? [] : [{ ...entry, parameters }];
    });
  }

  async #inTime(answer: Promise<unknown>): Promise<unknown> {
    const options = { clock: this.#clock, what: "the answer", timeoutMs: this.#timeoutMs };
    try {
      return await withDeadline(options, () => answer);
    } catch (error) {
      if (error instanceof CodedError && error.code === "NR-CORE-DEADLINE") throw refuse("timeout");
      throw error;
    }
  }
}

function isJson(contentType: string | undefined): boolean {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return type === "application/json" || /^application\/[^/]+\+json$/.test(type);
}
