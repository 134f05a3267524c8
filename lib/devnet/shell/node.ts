import { randomBytes } from "node:crypto";
import type { ApiPort } from "../../chain/http/route.ts";
import type { Genesis } from "../../chain/types.ts";
import { bytesToHex } from "../../core/bytes.ts";
import type { Clock } from "../../core/clock.ts";
import { DisposalStack } from "../../core/disposal-stack.ts";
import { randomStream } from "../../core/random.ts";
import type { Machine, Message } from "../machine/types.ts";
import { createNodeMachine } from "../misbehaviour/create.ts";
import { genesisOfConfig, machineConfig, type NodeConfig } from "./config.ts";
import { DaTraffic } from "./da-traffic.ts";
import { Driver } from "./driver.ts";
import { FinalBlocks } from "./final-blocks.ts";
import { Dispatch } from "./http/dispatch.ts";
import { createHandlers } from "./http/handlers.ts";
import { HttpServer } from "./http/server.ts";
import { createLog, type Log } from "./log.ts";
import { readMessage, writeMessage } from "./message-codec.ts";
import { NodeClock } from "./node-clock.ts";
import { Store } from "./store.ts";
import { writeFrame } from "./transport/framing.ts";
import { PeerTransport } from "./transport/transport.ts";

/** The parts of the world that a node is given. */
export interface NodeWorld {
  readonly clock: Clock;
  /** Wall time in ms since 1970. */
  wallNow(): number;
  /** Takes the node's log, whole lines. */
  print(text: string): void;
}

/**
 * Runs an embedded node until `terminate` aborts; then everything is closed, well within a second.
 * @throws CodedError NR-NODE-CONFIG, NR-NODE-STORE or NR-NODE-PORT when it can't start, and whatever breaks it later.
 */
export async function serveNode(config: NodeConfig, world: NodeWorld, terminate: AbortSignal): Promise<void> {
  await using teardown = new DisposalStack();
  const log = createLog(config.logLevel, world.wallNow, world.print);
  const genesis = genesisOfConfig(config);

  const store = Store.open(config.store, { name: config.name, genesis: genesis.id });
  teardown.defer(() => store.close());

  const nodeClock = new NodeClock(world, config.clockOffsetMs, config.imposed?.clockOffsetMs ?? 0);
  const now = () => nodeClock.now();
  const machine = createNodeMachine(machineConfig(config, genesis), store.snapshot(), now());
  const ended = Promise.withResolvers<void>();
  const da = new DaTraffic();
  const finalBlocks = new FinalBlocks();
  const driver = new Driver({
    machine,
    store,
    clock: world.clock,
    now,
    log,
    send: (to, message) => {
      if (da.sent(to, message)) transport.send(to, encode(message));
    },
    onFinal: (blocks) => finalBlocks.publish(blocks),
    onFault: ended.reject,
  });
  teardown.defer(() => driver.stop());

  const encode = rememberLast((message: Message) => writeFrame(writeMessage(message)));
  const transport = await startTransport({ config, genesis, store, driver, da, log, clock: world.clock });
  teardown.defer(() => transport.close());
  driver.start();

  const answered = new Map<number, number>();
  const handlers = createHandlers({
    config,
    knownKeys: new Set(genesis.tx.tx.ledger.outputs.map((note) => note.pk)),
    machine,
    driver,
    finalBlocks,
    da,
    answered,
    connections: () => ({ ...transport.counts(), directions: transport.directions() }),
    roundTrips: (timeoutMs) => transport.roundTrips(timeoutMs),
    links: () => transport.links(),
    setLinks: (links) => {
      store.setLinks(links);
      transport.setLinks(links);
      log("INFO", "nomos_node::transport", `link conditions are now ${JSON.stringify(links)}`);
    },
    clockOffset: () => nodeClock.imposedMs,
    setClockOffset: (ms) => {
      nodeClock.imposedMs = ms;
      log("INFO", "nomos_node::time", `the clock is now put ${ms} ms off`);
      // The next wake-up was meant for the old time.
      driver.handle({ type: "tick" });
    },
  });
  const serve = async (port: ApiPort, number: number, what: string) => {
    const { role, http } = config;
    const server = await HttpServer.start(
      {
        host: http.host,
        port: number,
        dispatch: new Dispatch({ role, port, handlers, clock: world.clock, timeoutMs: http.timeoutMs }),
        clock: world.clock,
        timeoutMs: http.timeoutMs,
        maxBodyBytes: http.maxBodyBytes,
        rateLimit: http.rateLimit,
        onAnswered: (status) => answered.set(status, (answered.get(status) ?? 0) + 1),
        onError: (request, error) => log("ERROR", "nomos_node::http", `${request} failed: ${stackOf(error)}`),
      },
      what,
    );
    teardown.defer(() => server.close());
  };
  await serve("testing", config.http.testingPort, "testing API");
  await serve("api", config.http.port, "HTTP API");
  log("INFO", "nomos_node", greetingLine(config, genesis, machine));

  terminate.addEventListener("abort", () => ended.resolve(), { once: true });
  if (terminate.aborted) ended.resolve();
  await ended.promise;
  log("INFO", "nomos_node", "stopping");
}

interface TransportParts {
  readonly config: NodeConfig;
  readonly genesis: Genesis;
  readonly store: Store;
  readonly driver: Driver;
  readonly da: DaTraffic;
  readonly log: Log;
  readonly clock: Clock;
}

function startTransport({ config, genesis, store, driver, da, log, clock }: TransportParts) {
  const { host, port, nodes, neighbours, links } = config.peers;
  return PeerTransport.start<Message>({
    clock,
    random: randomStream(genesis.id, config.name, "links"),
    greeting: { name: config.name, genesis: genesis.id, instance: bytesToHex(randomBytes(32)) },
    host,
    port,
    peers: nodes,
    neighbours,
    links: config.imposed?.links ?? store.links() ?? links,
    readMessage,
    onConnected: (peer) => driver.handle({ type: "connected", peer }),
    onDisconnected: (peer) => driver.handle({ type: "disconnected", peer }),
    onMessage: (from, message) => {
      if (da.received(from, message)) driver.handle({ type: "message", from, message });
    },
    onLog: (level, text) => log(level, "nomos_node::transport", text),
  });
}

/** A step sends one message to many peers in a row: it is encoded once. */
function rememberLast<K extends object, V>(make: (key: K) => V): (key: K) => V {
  let last: { readonly key: K; readonly value: V } | null = null;
  return (key) => {
    if (last?.key !== key) last = { key, value: make(key) };
    return last.value;
  };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function greetingLine(config: NodeConfig, genesis: Genesis, machine: Machine): string {
  const { height, tip } = machine.info();
  const { http, peers } = config;
  return (
    `${config.name} (embedded ${config.role}, genesis ${genesis.id}) at height ${height}, tip ${tip}; ` +
    `API ${http.host}:${http.port}, testing API ${http.host}:${http.testingPort}, peers ${peers.host}:${peers.port}`
  );
}
