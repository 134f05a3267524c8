import { AsyncLocalStorage, createHook } from "node:async_hooks";
import { CodedError } from "../core/errors.ts";
import type { RunEvent } from "../model/events.ts";
import type { CustomPieces } from "./pieces.ts";
import type { LineWriter } from "./recorder.ts";

/** What a piece of the user's runs in. */
interface Watched {
  readonly who: string;
  told: boolean;
}

/** Kinds of asynchronous resources that wait for the real world, by what a person calls them. */
const OUTSIDE: Readonly<Record<string, string>> = {
  Timeout: "a real timer",
  FSREQCALLBACK: "a file",
  FSREQPROMISE: "a file",
  TCPWRAP: "a socket",
  PIPEWRAP: "a socket or another process",
  UDPWRAP: "a socket",
  PROCESSWRAP: "another process",
  GETADDRINFOREQWRAP: "a name's address",
  WORKER: "a worker thread",
};

const hints = {
  start:
    "In a simulation time passes only by ctx.clock: wait with ctx.clock.sleep, and read what you need while the scenario file loads, or run it with --deployer local.",
};

/**
 * Watches the user's own pieces in a simulated run, where what waits for the real world would see virtual minutes go by
 * in the meantime, other ones in each run.
 */
export class OutsideWatch {
  readonly #storage = new AsyncLocalStorage<Watched | null>();
  readonly #hook: { enable(): unknown; disable(): unknown };

  /** @param onOutside told of the first such wait of each piece */
  constructor(onOutside: (error: CodedError) => void) {
    const init = (_id: number, type: string) => {
      const watched = this.#storage.getStore();
      const what = OUTSIDE[type];
      if (!watched || watched.told || what === undefined) return;
      watched.told = true;
      onOutside(new CodedError("NR-SIM-OUTSIDE", `${watched.who} waits for ${what}`, { hint: hints.start }));
    };
    // Following every promise would halve the simulation's speed, and promises wait for nothing by themselves.
    const callbacks = { init, trackPromises: false };
    this.#hook = createHook(callbacks);
  }

  start(): void {
    this.#hook.enable();
  }

  stop(): void {
    this.#hook.disable();
  }

  /** The pieces, watched in everything that they do. */
  pieces({ workloads, expectations }: CustomPieces): CustomPieces {
    const watch = <T extends object>(who: string, piece: T): T =>
      new Proxy(piece, {
        get: (target, key) => {
          const value: unknown = Reflect.get(target, key);
          if (typeof value !== "function") return value;
          return (...args: unknown[]) =>
            this.#storage.run({ who, told: false }, () => Reflect.apply(value, target, args) as unknown);
        },
      });
    return {
      workloads: new Map([...workloads].map(([name, piece]) => [name, watch(`the workload ${name}`, piece)])),
      expectations: new Map([...expectations].map(([name, piece]) => [name, watch(`the expectation ${name}`, piece)])),
    };
  }

  /** Writing the stream is the run's own doing, whoever emits the event. */
  writer(writer: LineWriter): LineWriter {
    return {
      append: (line) => this.#storage.run(null, () => writer.append(line)),
      close: () => writer.close(),
    };
  }

  /** So is reporting. */
  listener(listener: (event: RunEvent) => void): (event: RunEvent) => void {
    return (event) => this.#storage.run(null, () => listener(event));
  }
}
