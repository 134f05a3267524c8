import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
  type CallOptions,
  type CustomExpectation,
  type CustomWorkload,
  nodeKind,
  scenario,
  type Transport,
} from "nomos-run";

/** Debian's package etcd-server has it. */
const ETCD = "/usr/bin/etcd";
const OLDEST: readonly [number, number] = [3, 4];
/** One question to a member; a linearizable one needs a leader, which takes a second or two to elect. */
const CALL_MS = 2_000;

/** What this file asks etcd: its gateway takes gRPC calls as JSON, keys and values in base64. */
class EtcdClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Null when the member is well: it has a leader, and a quorum answers it. */
  async lacks({ timeoutMs = CALL_MS, signal }: CallOptions): Promise<string | null> {
    const cancel = signal ? { signal } : {};
    const { text } = await this.#transport.request({
      server: "api",
      method: "GET",
      path: "/health",
      timeoutMs,
      ...cancel,
    });
    return text.includes('"true"') ? null : "no leader, or no quorum behind it";
  }

  /** Writes a key. Resolves with the revision once a quorum has it. */
  async put(key: string, value: string, signal: AbortSignal): Promise<number> {
    const answer = await this.#post("/v3/kv/put", { key: base64(key), value: base64(value) }, signal);
    return Number((answer as { header: { revision: string } }).header.revision);
  }

  /** Reads a key through the leader and a quorum; null when there is none. */
  async get(key: string, signal: AbortSignal): Promise<string | null> {
    return (await this.#range({ key: base64(key) }, signal)).get(key) ?? null;
  }

  /** Every key of this prefix with its value, read in the same way. */
  all(prefix: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const after = `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
    return this.#range({ key: base64(prefix), range_end: base64(after) }, signal);
  }

  async #range(body: object, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const { kvs = [] } = (await this.#post("/v3/kv/range", body, signal)) as { kvs?: { key: string; value: string }[] };
    return new Map(kvs.map(({ key, value }) => [plain(key), plain(value)]));
  }

  async #post(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    const request = {
      server: "api",
      method: "POST",
      path,
      body: JSON.stringify(body),
      timeoutMs: CALL_MS,
      signal,
    } as const;
    const { status, text } = await this.#transport.request(request);
    if (status !== 200) throw new Error(`${path} answered ${status}: ${text.slice(0, 200)}`);
    return JSON.parse(text);
  }
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const plain = (text: string) => Buffer.from(text, "base64").toString();

/** Members of an etcd cluster. */
export const etcd = nodeKind({
  name: "etcd",
  capabilities: ["node.restart", "node.stop", "node.kill", "node.pause", "link.partition", "link.loss"],

  async check() {
    const missing = `install Debian's etcd-server: apt-get install etcd-server`;
    const { stdout } = await promisify(execFile)(ETCD, ["--version"]).catch((cause: unknown) => {
      throw new Error(`${ETCD} can't be started; ${missing}`, { cause });
    });
    const [, major = 0, minor = 0] = (/etcd Version: (\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
    if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
      throw new Error(
        `${ETCD} is ${stdout.split("\n")[0]}, and ${OLDEST.join(".")} is the oldest that will do; ${missing}`,
      );
    }
  },

  render({ binding, bound, node, plan }) {
    const api = `http://${bound.host}:${bound.apiPort}`;
    // In a container the runner comes in by another address than the one that members know.
    const listen = bound.reach ? `http://0.0.0.0:${bound.apiPort}` : api;
    const peer = `http://${bound.host}:${bound.peerPort}`;
    const members = binding.nodes.map(({ name, host, peerPort }) => `${name}=http://${host}:${peerPort}`);
    const flags = {
      name: node.name,
      "data-dir": "data",
      "listen-client-urls": listen,
      "advertise-client-urls": api,
      "listen-peer-urls": peer,
      "initial-advertise-peer-urls": peer,
      "initial-cluster": members.join(","),
      "initial-cluster-state": "new",
      "initial-cluster-token": plan.seed,
      logger: "zap",
    };
    return {
      files: [],
      program: ETCD,
      args: Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]),
      env: process.arch === "arm64" ? { ETCD_UNSUPPORTED_ARCH: "arm64" } : {},
    };
  },

  connect: (_, transport) => new EtcdClient(transport),
  lacks: (client, _, options) => client.lacks(options),
});

/** What the workload puts on record of a write. */
interface Write {
  readonly n: number;
  readonly node: string;
  /** Why no quorum took it, or why it could not be read again; absent when both went well. */
  readonly why?: string;
  readonly acknowledged: boolean;
  /** What the next member gave for the key at once; null where it gave nothing. */
  readonly read: string | null;
}

/** Writes one key after the other, each to another member, and reads it from the next one. */
export const puts: CustomWorkload = {
  name: "puts",
  options: { pauseMs: 200 }, // in the plan, where --set reaches it
  expectations: () => [writesGoOn],
  async start({ clock, cluster, events, plan, signal }) {
    const pauseMs = Number(plan.workloads.find(({ name }) => name === "puts")?.options["pauseMs"]);
    for (let n = 0; ; n++) {
      const members = cluster.running();
      const writer = members[n % members.length];
      const reader = members[(n + 1) % members.length];
      if (writer && reader) {
        const write = { n, node: writer.planned.name, acknowledged: false, read: null as string | null };
        try {
          await etcd.client(writer).put(`key-${n}`, `value-${n}`, signal);
          write.acknowledged = true;
          write.read = await etcd.client(reader).get(`key-${n}`, signal);
          events.emit("observation", { by: "puts", data: write });
        } catch (thrown) {
          signal.throwIfAborted();
          events.emit("observation", { by: "puts", data: { ...write, why: String(thrown) } });
        }
      }
      await clock.sleep(pauseMs, signal);
    }
  },
};

/** With a quorum up writes go on, reads see them, and at the end every member has every key that was acknowledged. */
const writesGoOn: CustomExpectation = {
  name: "writes-go-on",
  options: { longestGapMs: 6_000 },

  // At the end of the run, while members still answer.
  async collect({ cluster, events, signal }) {
    for (const member of cluster.running()) {
      const keys = await etcd.client(member).all("key-", signal);
      const right = [...keys]
        .filter(([key, value]) => key.slice(4) === value.slice(6))
        .map(([key]) => Number(key.slice(4)));
      events.emit("observation", { by: "writes-go-on", data: { node: member.planned.name, keys: right } });
    }
  },

  judge({ events, plan }) {
    const most = Number(plan.expectations.find(({ name }) => name === "writes-go-on")?.options["longestGapMs"]);
    const seen = events.filter((event) => event.type === "observation");
    const writes = seen.filter(({ by }) => by === "puts").map(({ t, data }) => ({ t, ...(data as unknown as Write) }));
    const stores = seen.filter(({ by }) => by === "writes-go-on").map(({ data }) => data as unknown as Store);
    const taken = writes.filter(({ acknowledged }) => acknowledged);
    const longestGapMs = Math.round(Math.max(0, ...taken.map(({ t }, i) => t - (taken[i - 1]?.t ?? t))));
    const stale = taken.filter(({ n, read, why }) => why === undefined && read !== `value-${n}`);
    const lost = stores.flatMap(({ node, keys }) => {
      const stored = new Set(keys);
      return taken.filter(({ n }) => !stored.has(n)).map(({ n }) => `${node} has no key-${n}, which was acknowledged`);
    });
    const complete = taken.length > 0 && stores.length === plan.topology.nodes.length;
    const failed = lost.length + stale.length > 0 || longestGapMs > most;
    return {
      outcome: failed ? "failed" : complete ? "passed" : "inconclusive",
      summary:
        `${taken.length} of ${writes.length} writes acknowledged, the longest gap ${longestGapMs} ms; ` +
        `${stale.length} reads were stale, and ${lost.length} keys are lost in ${stores.length} members`,
      figures: {
        writes: writes.length,
        acknowledged: taken.length,
        longestGapMs,
        stale: stale.length,
        membersRead: stores.length,
        lost: lost.length,
      },
      limits: { longestGapMs: most, stale: 0, lost: 0 },
      findings: [...stale.map(({ n, read }) => `key-${n} was read as ${read}`), ...lost].slice(0, 20),
    };
  },
};

/** What a member has at the end: numbers of the keys whose values are as they were written. */
interface Store {
  readonly node: string;
  readonly keys: readonly number[];
}

/** Three etcd members as processes: restarted and killed in turn, they must go on taking writes and lose none. */
export default scenario("custom-node-kind")
  .topologyWith((t) => t.nodes(3))
  .withNodeKind(etcd)
  .enableNodeControl()
  .withWorkload(puts)
  .chaosWith((chaos) =>
    chaos.restart({ at: "5s", targets: "validator-0" }).kill({ at: "15s", for: "4s", targets: "validator-1" }),
  )
  .withRunDuration("35s")
  .build();
