import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { it, type TestContext } from "node:test";
import { nomosRun, readReport, scratch } from "../support/program.ts";

/** A server that does this with each connection; its URL. */
async function serve(t: TestContext, server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const open = new Set<Socket>();
  server.on("connection", (socket) => open.add(socket));
  t.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const raw = (handle: (socket: Socket) => void) =>
  createServer((socket) => {
    socket.on("error", () => undefined);
    handle(socket);
  });

const INFO = { lib: "00".repeat(32), tip: "11".repeat(32), slot: 5, height: 2, mode: "Online" };

it("whatever is no node is told apart, with a code, soon, and by a run that leaves its evidence", async (t) => {
  const cwd = scratch(t);
  writeFileSync(
    join(cwd, "watch.scenario.ts"),
    `import { scenario } from "nomos-run";
export default scenario("watch").topologyWith((t) => t.networkStar().validators(1)).expectConsensusLiveness().withRunDuration("60s").build();
`,
  );
  // A web server of somebody else's, as a process.
  mkdirSync(join(cwd, "site"));
  const python = spawn("python3", ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"], {
    cwd: join(cwd, "site"),
    stdio: ["ignore", "pipe", "ignore"],
  });
  t.after(() => python.kill("SIGKILL"));
  const [line] = (await once(createInterface(python.stdout), "line")) as [string];

  const closed = createServer();
  const closedAt = await serve(t, closed);
  await new Promise((resolve) => closed.close(resolve));
  const json = (body: unknown) => createHttp((_, answer) => answer.end(JSON.stringify(body)));
  const strangers: [what: string, url: string, says: RegExp][] = [
    ["a web server", /http:\/\/[\d.:]+/.exec(line)?.[0] ?? "", /NR-NODE-STATUS: .*404: .*<!DOCTYPE/],
    [
      "a page for every address",
      await serve(
        t,
        createHttp((_, answer) => answer.end("<html>welcome</html>")),
      ),
      /NR-NODE-ANSWER: .*<html>welcome/,
    ],
    ["JSON of something else", await serve(t, json({ status: "ok" })), /NR-NODE-ANSWER: .*status/],
    [
      "cut JSON",
      await serve(
        t,
        createHttp((_, answer) => answer.end('{"lib":"00')),
      ),
      /NR-NODE-ANSWER/,
    ],
    [
      "a redirect",
      await serve(
        t,
        createHttp((_, answer) => answer.writeHead(302, { location: "/login" }).end()),
      ),
      /NR-NODE-STATUS: .*302/,
    ],
    [
      "what speaks another protocol",
      await serve(
        t,
        raw((socket) => socket.on("data", () => socket.write("-ERR unknown command 'GET'\r\n"))),
      ),
      /NR-NODE-ANSWER: .*doesn't speak HTTP/,
    ],
    [
      "what hangs up",
      await serve(
        t,
        raw((socket) => socket.on("data", () => socket.destroy())),
      ),
      /NR-NODE-UNREACHABLE/,
    ],
    [
      "what never answers",
      await serve(
        t,
        raw(() => undefined),
      ),
      /NR-NODE-TIMEOUT: .*longer than 5s/,
    ],
    [
      "what answers a byte at a time",
      await serve(
        t,
        createHttp((_, answer) => {
          answer.writeHead(200);
          const drip = setInterval(() => answer.write(" "), 20);
          answer.on("close", () => clearInterval(drip));
        }),
      ),
      /NR-NODE-TIMEOUT/,
    ],
    [
      "what never stops answering",
      await serve(
        t,
        createHttp((_, answer) => {
          const flood = Buffer.alloc(1 << 20, "x");
          const pour = () => {
            if (answer.destroyed || answer.closed) return;
            answer.write(flood, () => setImmediate(pour));
          };
          pour();
        }),
      ),
      /NR-NODE-ANSWER: the answer is longer than 67108864 bytes|NR-NODE-TIMEOUT/,
    ],
    ["a closed port", closedAt, /NR-NODE-UNREACHABLE: .*ECONNREFUSED/],
    ["a name that there is not", "http://no-such-host.invalid:1", /NR-NODE-UNREACHABLE: .*(ENOTFOUND|EAI_AGAIN)/],
    [
      "a node without blocks",
      await serve(
        t,
        createHttp((request, answer) => answer.end(JSON.stringify(request.url?.includes("info") ? INFO : null))),
      ),
      /NR-ATTACH-CHAIN: .*it has no 1111/,
    ],
  ];
  const waiting = [...strangers.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [i, [what, url, says]] = next;
      const began = process.hrtime.bigint();
      const out = join(cwd, `out-${i}`);
      const { code, stdout, stderr } = await nomosRun(
        t,
        ["attach", "watch.scenario.ts", "--node", `validator-0=${url}`, "--out", out, "--reporter", "json"],
        { cwd },
      );
      const tookMs = Number(process.hrtime.bigint() - began) / 1e6;
      assert.equal(code, 3, `${what}: ${stdout}${stderr}`);
      const report = readReport(join(out, "latest"));
      const [error] = report.errors;
      assert.ok(error?.code === "NR-ATTACH-NODE" || error?.code === "NR-ATTACH-CHAIN", what);
      assert.match(`${error.code}: ${error.message}`, says, what);
      assert.equal(report.inventory.created, 0);
      assert.ok(tookMs < 30_000, `${what} took ${tookMs} ms`);
    }
  };
  await Promise.all([worker(), worker(), worker()]);
});
