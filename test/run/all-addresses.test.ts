import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import test from "node:test";
import { loopbackCandidates, portCandidates } from "../../lib/deployers/local/addresses.ts";
import { reserveAddresses } from "../../lib/deployers/local/reserve.ts";

const names = ["validator-0", "validator-1"];
const never = new AbortController().signal;

// Whoever listens on all addresses must find a port free on all of them: no network may be up beside it.
for (const [what, candidates] of [
  ["loopback addresses", loopbackCandidates],
  ["ports", portCandidates],
] as const) {
  test(`${what}: a program that listens on all addresses is avoided`, async () => {
    const [first] = candidates("wildcard", names);
    const port = first?.nodes[1]?.testingPort ?? 0;
    const everywhere = createServer().listen({ port });
    await once(everywhere, "listening");
    const reservation = await reserveAddresses(candidates("wildcard", names), never);
    for (const node of reservation.nodes) {
      assert.ok(![node.apiPort, node.testingPort, node.peerPort].includes(port), `${node.name} got port ${port}`);
    }
    await reservation.release();
    everywhere.close();
  });
}
