import { ALREADY_IN_MEMPOOL, REFUSALS } from "../../chain/http/refusal.ts";
import { ROUTES } from "../../chain/http/routes.ts";
import type { NodeClient } from "../../model/node-client.ts";
import type { Transport } from "../../model/transport.ts";
import { Caller, DEFAULT_TIMEOUT_MS } from "./caller.ts";

/** A dispersal is answered once each subnetwork has its share; the node itself gives up after 20 s of default slots. */
const DISPERSE_TIMEOUT_MS = 25_000;

/**
 * A client for one node.
 * @param node its name, for messages
 */
export function createNodeClient(node: string, transport: Transport): NodeClient {
  const caller = new Caller(node, transport);
  return {
    info: (options) => caller.call(ROUTES.chainInfo, null, options),
    headers: (range = {}, options) => caller.call(ROUTES.headers, range, options),

    async block(id, options) {
      const block = await caller.call(ROUTES.block, id, options);
      if (block === null || block.id === id) return block;
      throw caller.malformed(ROUTES.block, `block ${block.id} where ${id} was asked for`);
    },

    networkInfo: (options) => caller.call(ROUTES.networkInfo, null, options),

    async submit(tx, options) {
      const answer = await caller.tryCall(ROUTES.submit, tx, options);
      if ("value" in answer) return { accepted: true, duplicate: false };
      const { status, text } = answer.refused;
      if (text === ALREADY_IN_MEMPOOL) return { accepted: true, duplicate: true };
      return { accepted: false, status, reason: text };
    },

    mempool: (options) => caller.call(ROUTES.mempool, null, options),

    async txStatus(hashes, options) {
      const statuses = await caller.call(ROUTES.txStatus, hashes, options);
      if (statuses.length === hashes.length) return statuses;
      throw caller.malformed(ROUTES.txStatus, `${statuses.length} statuses for ${hashes.length} transactions`);
    },

    disperse: async (request, options) => ({
      blob: await caller.call(ROUTES.disperse, request, { timeoutMs: DISPERSE_TIMEOUT_MS, ...options }),
    }),

    async share(blob, index, options) {
      const share = await caller.call(ROUTES.share, { blob, index }, options);
      if (share === null || (share.blob === blob && share.index === index)) return share;
      const asked = `share ${index} of ${blob} was asked for`;
      throw caller.malformed(ROUTES.share, `share ${share.index} of ${share.blob} where ${asked}`);
    },

    daMembership: (session, options) => caller.call(ROUTES.membership, session, options),

    async balance(pk, options) {
      const answer = await caller.tryCall(ROUTES.balance, { pk }, options);
      if ("value" in answer) return BigInt(answer.value.balance);
      if (answer.refused.text === REFUSALS.unknownKey.text(pk)) return null;
      throw caller.refusal(ROUTES.balance, answer.refused);
    },

    branches: (options) => caller.call(ROUTES.branches, null, options),

    roundTrips: (timeoutMs, options) =>
      caller.call(
        ROUTES.roundTrips,
        { timeout_ms: timeoutMs },
        { timeoutMs: timeoutMs + DEFAULT_TIMEOUT_MS, ...options },
      ),

    async impose({ links, clockOffsetMs }, options) {
      await caller.call(ROUTES.setLinks, links, options);
      await caller.call(ROUTES.setClock, { offset_ms: clockOffsetMs }, options);
    },

    metrics: (options) => caller.call(ROUTES.metrics, null, options),
    close: () => transport.close(),
  };
}
