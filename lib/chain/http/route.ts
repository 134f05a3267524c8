import * as v from "valibot";
import type { Codec } from "./codec.ts";
import { check } from "./codec.ts";
import { refuse } from "./refusal.ts";

export type NodeRole = "validator" | "executor";
/** The node's main API, or its testing API on a port of its own. */
export type ApiPort = "api" | "testing";

export const JSON_TYPE = "application/json";
export const TEXT_TYPE = "text/plain; charset=utf-8";
export const NDJSON_TYPE = "application/x-ndjson";

/** What a route takes: nothing, strings in path and query, or a JSON body (some GETs have one, as the real node's). */
export type RequestShape<Q> =
  | { readonly in: "none" }
  | { readonly in: "url"; readonly schema: v.GenericSchema<unknown, Q> }
  | { readonly in: "body"; readonly codec: Codec<Q> };

/** What a route answers with status 200. `lines` is one JSON value a line, each sent as soon as there is one. */
export type AnswerShape<A> =
  | { readonly type: "json"; readonly mediaType: string; readonly codec: Codec<A> }
  | { readonly type: "text"; readonly mediaType: string }
  | { readonly type: "lines"; readonly mediaType: string; readonly codec: Codec<LineOf<A>> };

/** What one line of a streamed answer holds. */
export type LineOf<A> = A extends AsyncIterable<infer L> ? L : never;

/** One row of the contract. `Q` is what memory holds of a request, `A` of an answer. */
export interface Route<Q, A> {
  readonly method: "GET" | "POST";
  /** `{name}` stands for one segment. */
  readonly path: string;
  readonly roles: readonly NodeRole[];
  readonly port: ApiPort;
  readonly request: RequestShape<Q>;
  readonly answer: AnswerShape<A>;
}

/** The request of a route, and its answer. */
export type RequestOf<R> = R extends Route<infer Q, infer _A> ? Q : never;
export type AnswerOf<R> = R extends Route<infer _Q, infer A> ? A : never;

/** An HTTP request as the contract sees it, without a socket. */
export interface PlainRequest {
  readonly method: "GET" | "POST";
  /** Path and query. */
  readonly target: string;
  readonly body: string | Uint8Array | null;
}

const PARAMETER = /\{(\w+)\}/g;

/** A request in the form that goes on the wire. */
export function writeRequest<Q, A>(route: Route<Q, A>, request: Q): PlainRequest {
  if (route.request.in === "body") {
    const { codec } = route.request;
    const body = codec.write?.(request) ?? JSON.stringify(codec.encode(request));
    return { method: route.method, target: route.path, body };
  }
  const strings = new Map(Object.entries(route.request.in === "url" ? (request as Record<string, string>) : {}));
  const path = route.path.replaceAll(PARAMETER, (_match, name: string) => {
    const value = strings.get(name) ?? "";
    strings.delete(name);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams([...strings].filter(([, value]) => value !== undefined)).toString();
  return { method: route.method, target: query === "" ? path : `${path}?${query}`, body: null };
}

/**
 * What a request that came in over the wire asks for.
 * @param parameters the path's, from {@link matchPath}
 * @throws HttpRefusal 400 or 422.
 */
export function readRequest<Q, A>(
  route: Route<Q, A>,
  parameters: Readonly<Record<string, string>>,
  query: string,
  body: string,
): Q {
  const shape = route.request;
  if (shape.in === "none") return null as Q;
  if (shape.in === "url") {
    const strings = { ...Object.fromEntries(new URLSearchParams(query)), ...parameters };
    const refusal = Object.keys(parameters).length > 0 ? "badPath" : "badQuery";
    return orRefuse(refusal, () => check(shape.schema, strings));
  }
  const json = orRefuse("badJson", () => JSON.parse(body) as unknown);
  return orRefuse("badBody", () => shape.codec.decode(json));
}

/** The parameters of `path` where it matches the pattern, null where it doesn't. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const expected = pattern.split("/");
  const found = path.split("/");
  if (expected.length !== found.length) return null;
  const parameters: Record<string, string> = {};
  for (const [i, part] of expected.entries()) {
    const value = found[i] as string;
    if (part.startsWith("{")) parameters[part.slice(1, -1)] = value;
    else if (part !== value) return null;
  }
  return parameters;
}

/** Body of an answer: its text, or its lines (each without its newline). */
export function writeAnswer<Q, A>(route: Route<Q, A>, answer: A): string | AsyncIterable<string> {
  const shape = route.answer;
  if (shape.type === "text") return String(answer);
  if (shape.type === "json") return JSON.stringify(shape.codec.encode(answer));
  return writeLines(answer as AsyncIterable<LineOf<A>>, shape.codec);
}

/** Not a generator: its `return` must reach the source also while a line is awaited. */
function writeLines<L>(lines: AsyncIterable<L>, codec: Codec<L>): AsyncIterable<string> {
  return {
    [Symbol.asyncIterator]() {
      const source = lines[Symbol.asyncIterator]();
      return {
        async next() {
          const line = await source.next();
          return line.done ? line : { done: false, value: JSON.stringify(codec.encode(line.value)) };
        },
        async return() {
          await source.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/**
 * What an answer of status 200 says; streamed answers are not for this.
 * @throws Error that names the place and the fault when it isn't what the route promises.
 */
export function readAnswer<Q, A>(route: Route<Q, A>, text: string): A {
  const shape = route.answer;
  if (shape.type === "text") return text as A;
  if (shape.type === "json") return shape.codec.decode(JSON.parse(text));
  throw new TypeError(`${route.path} streams its answer`);
}

function orRefuse<T>(row: "badJson" | "badQuery" | "badPath" | "badBody", read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw refuse(row, error instanceof Error ? error.message : String(error));
  }
}
