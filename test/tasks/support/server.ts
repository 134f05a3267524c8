/**
 * A file server that misbehaves as its paths say, in a process of its own: `node server.ts FOLDER` prints its port.
 * `/PLAN/NAME` serves FOLDER/NAME by the plan; `/log` answers with every request so far.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";

const [folder = ""] = process.argv.slice(2);
const log: { url: string; range: string | null; authorization: string | null }[] = [];
const counts = new Map<string, number>();

type Plan = (request: IncomingMessage, response: ServerResponse, body: Buffer, count: number) => void;

const etag = (body: Buffer) => `"${createHash("sha256").update(body).digest("hex").slice(0, 12)}"`;

/** Answers as a good server does, but sends no more than `most` bytes before it cuts the connection. */
function send(request: IncomingMessage, response: ServerResponse, body: Buffer, most = Number.POSITIVE_INFINITY): void {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const same = (request.headers["if-range"] ?? etag(body)) === etag(body);
  const from = range && same ? Number(range[1]) : 0;
  const part = body.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, {
    "content-length": part.length,
    etag: etag(body),
    ...(from > 0 && { "content-range": `bytes ${from}-${body.length - 1}/${body.length}` }),
  });
  if (part.length <= most) return void response.end(part);
  response.write(part.subarray(0, most), () => response.destroy());
}

const PLANS: Readonly<Record<string, Plan>> = {
  good: (request, response, body) => send(request, response, body),
  /** Cut in the middle, three times over. */
  cut: (request, response, body, count) => send(request, response, body, count < 3 ? body.length / 5 : undefined),
  /** Cut once by a server that can't resume. */
  whole: (_, response, body, count) => {
    response.writeHead(200, { "content-length": body.length });
    if (count > 0) return void response.end(body);
    response.write(body.subarray(0, body.length / 2), () => response.destroy());
  },
  /** Another file from the second request on. */
  changing: (request, response, body, count) => {
    const current = count === 0 ? Buffer.alloc(body.length, "old") : body;
    send(request, response, current, count === 0 ? body.length / 2 : undefined);
  },
  failing: (request, response, body, count) => {
    if (count < 2) return void response.writeHead(503).end("not now");
    send(request, response, body);
  },
  broken: (_, response) => void response.writeHead(500).end("never"),
  /** Sends half and then nothing, without an end. */
  silent: (request, response, body, count) => {
    if (count > 0) return send(request, response, body);
    response.writeHead(200, { "content-length": body.length, etag: etag(body) });
    response.write(body.subarray(0, body.length / 2));
  },
  /** Without a length, cut or not can't be told but by the chunks' end. */
  chunked: (_, response, body, count) => {
    response.writeHead(200);
    response.write(body.subarray(0, body.length / 2), () => {
      if (count > 0) response.end(body.subarray(body.length / 2));
      else response.destroy();
    });
  },
  /** A tenth each 20 ms. */
  slow: (_, response, body) => {
    response.writeHead(200, { "content-length": body.length });
    let at = 0;
    const step = Math.ceil(body.length / 10);
    const timer = setInterval(() => {
      response.write(body.subarray(at, at + step));
      at += step;
      if (at >= body.length) {
        clearInterval(timer);
        response.end();
      }
    }, 20);
    response.once("close", () => clearInterval(timer));
  },
  /** A slice that is not the one that was asked for. */
  wrongpart: (request, response, body, count) => {
    if (count !== 1) return send(request, response, body, count === 0 ? body.length / 2 : undefined);
    response.writeHead(206, { "content-range": `bytes 0-9/${body.length}`, "content-length": 10 });
    response.end(body.subarray(0, 10));
  },
  missing: (_, response) => void response.writeHead(404).end(),
  forbidden: (_, response) => void response.writeHead(403).end(),
  redirect: (request, response) => {
    response.writeHead(302, { location: (request.url ?? "").replace("/redirect/", "/good/") }).end();
  },
  loop: (request, response) => void response.writeHead(302, { location: request.url }).end(),
  busy: (request, response, body, count) => {
    if (count === 0) return void response.writeHead(429, { "retry-after": "2" }).end();
    send(request, response, body);
  },
};

const server = createServer((request, response) => {
  const url = request.url ?? "";
  if (url === "/log") return void response.end(JSON.stringify(log));
  log.push({ url, range: request.headers.range ?? null, authorization: request.headers.authorization ?? null });
  const [, plan = "", name = ""] = /^\/(\w+)\/(.+)$/.exec(url) ?? [];
  const count = counts.get(url) ?? 0;
  counts.set(url, count + 1);
  const answer = PLANS[plan];
  if (!answer) return void response.writeHead(404).end();
  try {
    answer(request, response, readFileSync(join(folder, name)), count);
  } catch {
    // Not among the files: what a server without it says.
    response.writeHead(404).end();
  }
});
server.listen(0, "127.0.0.1", () => {
  console.log((server.address() as { port: number }).port);
});
