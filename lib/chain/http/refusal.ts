/**
 * The node's HTTP error table: every answer that isn't a success, with its status and exact text (always `text/plain`).
 * Server and client share it. 400, 408, 413, 415, 422 and 429 read as the real node's server library words them; where
 * that sends an empty body (404, 405) ours says what was asked for.
 */
export const REFUSALS = {
  /** Bytes that aren't HTTP. */
  badRequest: { status: 400, text: () => "Bad Request" },
  /** Body that isn't JSON, or a query string that doesn't fit. */
  badJson: { status: 400, text: (detail: string) => `Failed to parse the request body as JSON: ${detail}` },
  badQuery: { status: 400, text: (detail: string) => `Failed to deserialize query string: ${detail}` },
  badPath: { status: 400, text: (detail: string) => `Invalid URL: ${detail}` },
  /** No route of this path for this role and port. */
  noRoute: { status: 404, text: (path: string) => `Not Found: ${path}` },
  /** A key that the node doesn't watch. */
  unknownKey: { status: 404, text: (key: string) => `Unknown public key: ${key}` },
  wrongMethod: { status: 405, text: (method: string) => `Method Not Allowed: ${method}` },
  timeout: { status: 408, text: () => "Request Timeout" },
  tooLarge: { status: 413, text: () => "length limit exceeded" },
  notJson: { status: 415, text: () => "Expected request with `Content-Type: application/json`" },
  /** JSON of the wrong shape. */
  badBody: {
    status: 422,
    text: (detail: string) => `Failed to deserialize the JSON body into the target type: ${detail}`,
  },
  tooMany: { status: 429, text: (seconds: string) => `Too Many Requests! Wait for ${seconds}s` },
  /** Everything that goes wrong inside the node: the reason itself. */
  failed: { status: 500, text: (reason: string) => reason },
} as const satisfies Record<string, { status: number; text: (detail: string) => string }>;

/** The text of a refusal of a transaction that the mempool or the chain already has: to a client, acceptance. */
export const ALREADY_IN_MEMPOOL = "Item already in mempool";

/** Thrown by the server's side of the contract; becomes the answer. */
export class HttpRefusal extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.name = "HttpRefusal";
    this.status = status;
  }
}

/** The refusal of that row of the table. */
export function refuse(row: keyof typeof REFUSALS, detail = ""): HttpRefusal {
  return new HttpRefusal(REFUSALS[row].status, REFUSALS[row].text(detail));
}
