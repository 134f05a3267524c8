import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { latestRun, nomosRun, readEvents, scratch } from "../support/program.ts";

/** The first of its nodes takes the second's port too; that fails at it, as most programs do, with exit code 1. */
const GREEDY = `import { nodeKind, scenario } from "nomos-run";
const PROGRAM = \`
import http from "node:http";
import net from "node:net";
const [port, host, other] = process.argv.slice(1);
const serve = (at) => http.createServer((_, answer) => answer.end("here")).on("error", () => process.exit(1)).listen(Number(port), at);
const taken = () => net.connect(Number(port), host).on("connect", () => serve(host)).on("error", () => setTimeout(taken, 20));
if (other) [host, other].forEach(serve); else taken();
\`;
const next = (host: string) => host.replace(/\\d+$/, (last) => String(Number(last) + 1));
const greedy = nodeKind({
  name: "greedy",
  capabilities: [],
  check() {},
  render: ({ node, bound }) => ({
    files: [],
    program: ${JSON.stringify(process.execPath)},
    args: ["--input-type=module", "-e", PROGRAM, String(bound.apiPort), bound.host, ...(node.name === "validator-0" ? [next(bound.host)] : [])],
    env: {},
  }),
  connect: (_, transport) => transport,
  async lacks() { return null; },
});
export default scenario("greedy").topologyWith((t) => t.validators(2)).withNodeKind(greedy).withRunDuration("10s").build();
`;

test("a port that another program has is named also where the node's program ends with a code of its own", async (t) => {
  const cwd = scratch(t);
  writeFileSync(join(cwd, "greedy.scenario.ts"), GREEDY);
  const { code, stdout, stderr } = await nomosRun(t, ["greedy.scenario.ts"], { cwd });
  assert.equal(code, 1, stdout + stderr);
  const ended = readEvents(latestRun(cwd)).find((event) => event.type === "node.ended" && !event.expected);
  assert.ok(ended?.type === "node.ended", stdout + stderr);
  assert.equal(ended.node, "validator-1");
  assert.match(ended.why, /^NR-LOCAL-PORT-TAKEN: exit code 1, and 127\.\d+\.\d+\.\d+:\d+, held by pid \d+ \(/);
});
