import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { constants } from "node:os";
import { posix } from "node:path";
import { type Duplex, Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type Docker from "dockerode";
import type { BoundNode } from "../../model/binding.ts";
import type { ProcessUsage } from "../../model/cluster.ts";
import type { RenderedFile } from "../../model/node-kind.ts";
import type { ProcessSignal } from "../../model/spawner.ts";
import { carrying } from "../carried-files.ts";
import { writeError } from "../disk-errors.ts";
import { CONTAINER_SETTINGS, publishedPorts } from "./container-settings.ts";
import type { Engine } from "./engine.ts";
import { statusOf } from "./errors.ts";
import { containerLabels, projectOf } from "./labels.ts";
import { IMAGE_HOME, IMAGE_USER } from "./root-files.ts";
import { fileEntries, tarOf } from "./tar-stream.ts";

/** What a node's container is made of. */
export interface ContainerSpec {
  readonly runId: string;
  readonly bound: BoundNode;
  /** Names of the network of its peers, and of that which the runner reaches it in. */
  readonly networks: { readonly peers: string; readonly control: string };
  readonly image: string;
  /** What is started instead of the image's own command. */
  readonly entrypoint?: readonly string[];
  /** Follows the image's own command. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly RenderedFile[];
  /** Its program is this very one, which takes small files from its environment. */
  readonly takesCarried?: boolean;
  /** Paths of its state, relative to its folder. */
  readonly state: readonly string[];
  /** Most memory that it may take; it gets no swap. */
  readonly memoryBytes: number;
  /** Most processors that it may take; as many as there are where it isn't given. */
  readonly cpus?: number;
  /** Absolute path of the run folder, where `docker-compose.yml` is. */
  readonly folder: string;
  readonly logFile: string;
}

/** How a container ended. */
export interface ContainerExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The kernel ended it, as it took more than this much memory. */
  readonly memoryBytes?: number;
}

/** One start of a container. */
export interface StartedContainer {
  /** Resolves when it has ended and its log is whole. Rejects when the engine is gone, or the log can't be written. */
  readonly exited: Promise<ContainerExit>;
}

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));
/** What the kernel ends those by that take too much memory. */
const KILLED = "SIGKILL";
/** Exit codes above are 128 and a signal's number. */
const SIGNAL_BASE = 128;

/**
 * A node's container. Its state is in the container's own layer: it survives stop, kill and start, and is gone with the
 * container, so that a wipe is its removal; a new one has the same name, addresses and files.
 */
export class NodeContainer {
  readonly name: string;
  readonly #engine: Engine;
  readonly #spec: ContainerSpec;
  readonly #container: Docker.Container;
  #files: readonly RenderedFile[];
  /** It was made with its files in its environment. */
  #isCarrying = false;
  #id: string | null = null;
  /** Bytes of what it said since it was made that are in its log. */
  #logged = 0;
  #letGo: () => void = () => undefined;

  constructor(engine: Engine, spec: ContainerSpec) {
    this.#engine = engine;
    this.#spec = spec;
    this.#files = spec.files;
    this.name = `${projectOf(spec.runId)}_${spec.bound.name}_1`;
    this.#container = engine.docker.getContainer(this.name);
  }

  /** The engine's id of it; null while it isn't made. Another one after a wipe. */
  get id(): string | null {
    return this.#id;
  }

  /** Makes it and starts nothing. Returns the engine's id of it. @throws CodedError NR-DOCKER-* */
  async create(): Promise<string> {
    const carried = this.#spec.takesCarried ? carrying(this.#files) : null;
    this.#isCarrying = carried !== null;
    const { id } = await this.#does(`make the container ${this.name} of ${this.#spec.image}`, (docker) =>
      docker.createContainer(this.#options(carried ?? {})),
    );
    this.#id = id;
    this.#logged = 0;
    return id;
  }

  /** Puts it into the network of its peers, and its files into it. @throws CodedError NR-DOCKER-* */
  async furnish(): Promise<void> {
    // An engine takes one network at a time before API 1.44.
    await Promise.all([this.joinPeers(), ...(this.#isCarrying ? [] : [this.#putFiles()])]);
  }

  /** Puts files into its folder, now or when it is made. @throws CodedError NR-DOCKER-* */
  async deliver(files: readonly RenderedFile[]): Promise<void> {
    this.#files = files;
    if (this.#id !== null) await this.#putFiles();
  }

  /** Leaves its log to somebody else, who is told of which container how many bytes are in it; null when none was made. */
  leaveLog(): { readonly id: string; readonly logged: number } | null {
    this.#letGo();
    return this.#id === null ? null : { id: this.#id, logged: this.#logged };
  }

  /** Gives it its address in the network of its peers. @throws CodedError NR-DOCKER-* */
  async joinPeers(): Promise<void> {
    const { bound, networks } = this.#spec;
    await this.#does(`give ${this.name} the address ${bound.host}`, (docker) =>
      docker.getNetwork(networks.peers).connect({
        Container: this.name,
        EndpointConfig: { IPAMConfig: { IPv4Address: bound.host }, Aliases: [bound.name] },
      }),
    );
  }

  /** Takes it out of the network of its peers; the runner reaches it all the same. @throws CodedError NR-DOCKER-* */
  async leavePeers(): Promise<void> {
    const { peers } = this.#spec.networks;
    await this.#does(`take ${this.name} out of ${peers}`, (docker) =>
      docker.getNetwork(peers).disconnect({ Container: this.name, Force: true }),
    );
  }

  /** Starts it, with all that it says from its first byte on in its log. @throws CodedError NR-DOCKER-* */
  async start(): Promise<StartedContainer> {
    const { logFile } = this.#spec;
    const log = createWriteStream(logFile, { flags: "a" });
    const unwritable = once(log, "error").then(([error]) => Promise.reject(writeError(logFile, error)));
    unwritable.catch(() => undefined); // It is told by whoever waits for the end.
    const said = await this.#does(`listen to ${this.name}`, () =>
      this.#container.attach({ stream: true, stdout: true, stderr: true }),
    );
    const counted = {
      write: (chunk: Uint8Array) => {
        this.#logged += chunk.length;
        return log.write(chunk);
      },
    } as NodeJS.WritableStream;
    this.#engine.docker.modem.demuxStream(said, counted, counted);
    this.#letGo = () => void (said as Duplex).destroy();
    // What ends the connection is told by the container's end or by the engine's; the log ends with it either way.
    const silent = finished(said, { writable: false }).then(
      () => log.end(),
      () => log.end(),
    );
    try {
      await this.#does(`start ${this.name}`, () => this.#container.start());
    } catch (thrown) {
      this.#letGo();
      throw thrown;
    }
    const exited = this.#does(`wait for ${this.name}`, () => this.#container.wait({ condition: "not-running" })).then(
      async ({ StatusCode: code }: { StatusCode: number }) => {
        await Promise.race([silent, unwritable]);
        const signal = code > SIGNAL_BASE ? (SIGNALS.get(code - SIGNAL_BASE) ?? null) : null;
        if (signal !== KILLED) return { code: signal === null ? code : null, signal };
        const ended = await this.#inspect();
        return { code: null, signal, ...(ended?.State.OOMKilled && { memoryBytes: this.#spec.memoryBytes }) };
      },
    );
    return { exited: Promise.race([exited, unwritable]) };
  }

  /** Signals its first process. Stopping and going on freeze and thaw all of it. Returns whether it ran. */
  async signal(signal: ProcessSignal): Promise<boolean> {
    const look = await this.look();
    if (!look) return false;
    try {
      if (signal === "SIGSTOP") await this.#container.pause();
      else {
        // The engine signals nothing that is paused.
        if (look.paused) await this.#container.unpause();
        if (signal !== "SIGCONT") await this.#container.kill({ signal });
      }
      return true;
    } catch (thrown) {
      // It ended meanwhile.
      if (statusOf(thrown) === 409 || statusOf(thrown) === 404) return false;
      throw await this.#does(`send ${signal} to ${this.name}`, () => Promise.reject(thrown as Error));
    }
  }

  /** What the engine sees of it; null when it doesn't run. */
  async look(): Promise<{ readonly paused: boolean; readonly identity: string } | null> {
    const seen = await this.#inspect();
    if (!seen?.State.Running) return null;
    return { paused: seen.State.Paused, identity: `${seen.Id.slice(0, 12)} @ ${seen.State.StartedAt}` };
  }

  /** Whether there is anything of its state. */
  async hasState(): Promise<boolean> {
    const looks = this.#spec.state.map((path) =>
      this.#does(`look into ${this.name}`, async () => {
        try {
          drain(await this.#container.infoArchive({ path: posix.join(IMAGE_HOME, path) }));
          return true;
        } catch (thrown) {
          if (statusOf(thrown) === 404) return false;
          throw thrown;
        }
      }),
    );
    return (await Promise.all(looks)).includes(true);
  }

  /** What it uses of its machine; null when it doesn't run. */
  async usage(): Promise<ProcessUsage | null> {
    return await this.#does(`ask what ${this.name} uses`, async () => {
      if (!(await this.look())) return null;
      const { cpu_stats: cpu, memory_stats: memory } = await this.#container.stats({ stream: false, "one-shot": true });
      const held: Partial<Record<string, number>> = memory.stats;
      return {
        cpuSeconds: cpu.cpu_usage.total_usage / 1e9,
        // The kernel's first and second form of control groups name them differently.
        residentBytes:
          (held["total_rss"] ?? held["anon"] ?? 0) + (held["total_mapped_file"] ?? held["file_mapped"] ?? 0),
        privateBytes: held["total_rss"] ?? held["anon"] ?? 0,
      };
    });
  }

  /** Removes it, and all of its state with it. */
  async remove(): Promise<void> {
    this.#id = null;
    await this.#does(`remove ${this.name}`, () => this.#container.remove({ v: true }));
  }

  async #putFiles(): Promise<void> {
    const tar = Readable.from(tarOf(fileEntries(this.#files, IMAGE_USER)));
    await this.#does(`put files into ${this.name}`, () => this.#container.putArchive(tar, { path: IMAGE_HOME }));
  }

  async #inspect(): Promise<Docker.ContainerInspectInfo | null> {
    return await this.#does(`look at ${this.name}`, async () => {
      try {
        return await this.#container.inspect();
      } catch (thrown) {
        if (statusOf(thrown) === 404) return null;
        throw thrown;
      }
    });
  }

  #does<T>(what: string, work: (docker: Docker) => Promise<T>): Promise<T> {
    return this.#engine.does(what, work);
  }

  #options(carried: Readonly<Record<string, string>>): Docker.ContainerCreateOptions {
    const { runId, bound, networks, image, entrypoint, args, folder, memoryBytes, cpus } = this.#spec;
    const env = { ...this.#spec.env, ...carried };
    const { droppedCapabilities, securityOptions, log } = CONTAINER_SETTINGS;
    const ports = publishedPorts(bound).map(
      ({ containerPort, hostIp, hostPort }) =>
        [`${containerPort}/tcp`, [{ HostIp: hostIp, HostPort: String(hostPort) }]] as const,
    );
    const options = {
      Image: image,
      ...(entrypoint && { Entrypoint: [...entrypoint] }),
      Cmd: [...args],
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      WorkingDir: IMAGE_HOME,
      Hostname: bound.name,
      ExposedPorts: Object.fromEntries(ports.map(([port]) => [port, {}])),
      HostConfig: {
        NetworkMode: networks.control,
        PortBindings: Object.fromEntries(ports),
        Memory: memoryBytes,
        MemorySwap: memoryBytes,
        ...(cpus !== undefined && { NanoCpus: Math.round(cpus * 1e9) }),
        CapDrop: [...droppedCapabilities],
        SecurityOpt: [...securityOptions],
        LogConfig: { Type: log.driver, Config: log.options },
      },
    };
    const configHash = createHash("sha256").update(JSON.stringify(options)).digest("hex");
    return { ...options, name: this.name, Labels: containerLabels(runId, bound.name, { folder, configHash }) };
  }
}

/** An answer that nobody reads holds its connection. */
function drain(answer: NodeJS.ReadableStream): void {
  answer.resume();
}
