import { type Route, readAnswer, writeRequest } from "../../chain/http/route.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import type { CallOptions } from "../../model/node-client.ts";
import type { NodeResponse, Transport } from "../../model/transport.ts";

/** How long an answer may take unless the caller says otherwise. */
export const DEFAULT_TIMEOUT_MS = 5_000;
/** Characters of an answer that an error quotes. */
const QUOTED = 300;

/** An answer whose status isn't 2xx, before it became an error. */
export interface RefusedCall {
  readonly status: number;
  /** The node's own words. */
  readonly text: string;
}

type RouteLine = Pick<Route<unknown, unknown>, "method" | "path">;

/** Calls one node's routes as the contract describes them. */
export class Caller {
  readonly #node: string;
  readonly #transport: Transport;

  /** @param node its name, for messages */
  constructor(node: string, transport: Transport) {
    this.#node = node;
    this.#transport = transport;
  }

  /**
   * The route's answer.
   * @throws CodedError NR-NODE-UNREACHABLE, NR-NODE-TIMEOUT, NR-NODE-STATUS or NR-NODE-ANSWER.
   */
  async call<Q, A>(route: Route<Q, A>, request: Q, options: CallOptions = {}): Promise<A> {
    const answer = await this.tryCall(route, request, options);
    if ("value" in answer) return answer.value;
    throw this.refusal(route, answer.refused);
  }

  /** Like {@link call}, but an HTTP error is a value: for routes where some of them are ordinary answers. */
  async tryCall<Q, A>(
    route: Route<Q, A>,
    request: Q,
    options: CallOptions = {},
  ): Promise<{ readonly value: A } | { readonly refused: RefusedCall }> {
    const { method, target, body } = writeRequest(route, request);
    const response = await this.#transport.request({
      server: route.port,
      method,
      path: target,
      body: body ?? undefined,
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      signal: options.signal,
    });
    if (response.status < 200 || response.status > 299) return { refused: response };
    return { value: this.#read(route, response) };
  }

  #read<Q, A>(route: Route<Q, A>, { text }: NodeResponse): A {
    try {
      return readAnswer(route, text);
    } catch (error) {
      throw this.malformed(route, `${errorText(error)}; it said ${quote(text)}`);
    }
  }

  /** The error for an answer whose status isn't 2xx. */
  refusal({ method, path }: RouteLine, { status, text }: RefusedCall): CodedError {
    return new CodedError("NR-NODE-STATUS", `${this.#node} answered ${method} ${path} with ${status}: ${quote(text)}`, {
      hint: "The text is the node's own; its log in the run folder says more.",
    });
  }

  /** The error for an answer that the contract doesn't know. */
  malformed({ method, path }: RouteLine, what: string): CodedError {
    return new CodedError(
      "NR-NODE-ANSWER",
      `${this.#node} answered ${method} ${path} with what its contract doesn't know: ${what}`,
      { hint: "The node is of another version than this program, or something else answers at its address." },
    );
  }
}

function quote(text: string): string {
  if (text === "") return "no text";
  return JSON.stringify(text.length > QUOTED ? `${text.slice(0, QUOTED)}...` : text);
}
