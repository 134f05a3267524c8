import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Datagrams between two pauses, so that the receiver's buffer isn't what loses them. */
const PACE = 20;
const PAUSE_MS = 4;

/** Speaks TCP and UDP with others of its kind, as it is told over HTTP, and says what it got from whom. */
function serve(apiPort: number, peerPort: number): void {
  const udp: Record<string, number> = {};
  const tcp: Record<string, number> = {};
  const kept = new Map<string, Socket>();
  const datagrams = createSocket("udp4");
  datagrams.on("message", (_, { address }) => {
    udp[address] = (udp[address] ?? 0) + 1;
  });
  datagrams.bind(peerPort);
  createTcpServer({ allowHalfOpen: true }, (socket) => {
    const from = socket.remoteAddress?.replace("::ffff:", "") ?? "";
    socket.on("data", (bytes) => {
      tcp[from] = (tcp[from] ?? 0) + bytes.length;
      // One byte is asked back, more are swallowed.
      if (bytes.length === 1) socket.write(bytes);
    });
    socket.once("end", () => socket.end("whole"));
    socket.on("error", () => socket.destroy());
  }).listen(peerPort);

  /** Datagrams, as fast as a receiver takes them. */
  async function send(to: string, count: number): Promise<{ sent: number; errors: string[] }> {
    let sent = 0;
    const errors = new Set<string>();
    for (let i = 0; i < count; i++) {
      const { promise, resolve } = Promise.withResolvers<Error | null>();
      datagrams.send("datagram", peerPort, to, resolve);
      const error = await promise;
      if (error) errors.add((error as NodeJS.ErrnoException).code ?? error.message);
      else sent++;
      if (i % PACE === PACE - 1) await sleep(PAUSE_MS);
    }
    return { sent, errors: [...errors] };
  }

  /** A byte there and back, over the connection that is kept, or over a new one. */
  async function talk(to: string, ms: number, isNew: boolean): Promise<string> {
    if (isNew || !kept.has(to)) {
      const opened = connect(peerPort, to);
      opened.on("error", () => kept.delete(to));
      if (!isNew) kept.set(to, opened);
      const answer = await echo(opened, ms);
      if (isNew) opened.destroy();
      return answer;
    }
    return await echo(kept.get(to) as Socket, ms);
  }

  async function echo(socket: Socket, ms: number): Promise<string> {
    socket.write("x");
    try {
      await once(socket, "data", { signal: AbortSignal.timeout(ms) });
      return "echo";
    } catch (error) {
      return error instanceof Error && error.name === "AbortError" ? "silence" : String((error as Error).message);
    }
  }

  /** How long it takes until another one has all of so many bytes. */
  async function stream(to: string, bytes: number): Promise<number> {
    const from = performance.now();
    const socket = connect(peerPort, to);
    socket.end(Buffer.alloc(bytes));
    await once(socket, "data");
    return performance.now() - from;
  }

  createServer((request, response) => {
    const { pathname, searchParams: of } = new URL(request.url ?? "/", "http://peer");
    const [to, number] = [of.get("to") ?? "", Number(of.get("number"))];
    const acts: Record<string, () => unknown> = {
      "/got": () => ({ udp, tcp }),
      "/send": () => send(to, number),
      "/talk": () => talk(to, number, false),
      "/dial": () => talk(to, number, true),
      "/stream": () => stream(to, number),
    };
    void Promise.resolve(acts[pathname]?.()).then((answer) => response.end(JSON.stringify(answer)));
  }).listen(apiPort);
}

const [apiPort, peerPort] = process.argv.slice(2).map(Number);
process.on("SIGTERM", () => process.exit(0));
serve(apiPort ?? 0, peerPort ?? 0);
