import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

export interface RawRequest {
  readonly method?: string;
  readonly url: string;
  readonly body?: string | Uint8Array;
  readonly type?: string;
}

/** One HTTP exchange with nothing added: bodies on GET, wrong types, wrong methods. */
export function raw({ method = "GET", url, body, type = "application/json" }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": type, "content-length": Buffer.byteLength(body) };
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, text, headers: response.headers });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Sends bytes to a port and returns all that comes back until the other end closes. */
export function rawBytes(host: string, port: number, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host, port }, () => socket.write(bytes));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}
