import type { Engine } from "./engine.ts";
import { tableOf } from "./packet-filter-rules.ts";
import { TRY } from "./packet-filter-scripts.ts";
import { shapingOf } from "./packet-filter-shaping.ts";
import type { ShapedPeer, Traffic } from "./packet-filter-traffic.ts";
import { runTools, type ToolsOptions } from "./tools-run.ts";

/** What the kernel below an engine can do to packets. */
export interface KernelCan {
  /** Let nothing through from one peer or to it. */
  readonly cut: boolean;
  /** Lose a share of the packets. */
  readonly loss: boolean;
  /** Let packets wait. */
  readonly delay: boolean;
  /** Limit how much goes through in a second. */
  readonly bandwidth: boolean;
}

/** The same with what only the packet filter itself needs to know. */
export interface Kernel extends KernelCan {
  /** The iptables that works. */
  readonly program: string;
  /** What running it takes. */
  readonly capabilities: readonly string[];
  /** Whether it has the target NFQUEUE. */
  readonly hasQueue: boolean;
  /** What it said to that which it can't. */
  readonly refusals: string;
}

type Tool = Pick<Kernel, "program" | "capabilities">;

/** Both kinds of iptables, the better one first. The older one talks to the kernel through a raw socket. */
const PROGRAMS: readonly [Tool, Tool] = [
  { program: "xtables-nft-multi", capabilities: ["NET_ADMIN"] },
  { program: "xtables-legacy-multi", capabilities: ["NET_ADMIN", "NET_RAW"] },
];

/** What the script says of that which the kernel takes. */
const WORKS = "works";

const known = new WeakMap<Engine, Promise<Kernel>>();

/**
 * What an engine's kernel can do, found out by trying each once in a namespace of its own, since the engine may be that of
 * another machine. Asked once an engine.
 * @throws CodedError NR-DOCKER-*
 */
export function kernelCan(engine: Engine, options: ToolsOptions): Promise<Kernel> {
  let kernel = known.get(engine);
  if (!kernel) {
    kernel = tryAll(engine, options);
    known.set(engine, kernel);
    // What failed for another reason may be asked again.
    kernel.catch(() => known.delete(engine));
  }
  return kernel;
}

async function tryAll(engine: Engine, options: ToolsOptions): Promise<Kernel> {
  const [better, older] = PROGRAMS;
  const kernel = await tryWith(better, engine, options);
  return kernel.cut ? kernel : await tryWith(older, engine, options);
}

async function tryWith({ program, capabilities }: Tool, engine: Engine, options: ToolsOptions): Promise<Kernel> {
  const args = [program, ...TRIALS.flat()];
  const { said } = await runTools(engine, options, { network: "none", capabilities, script: TRY, args });
  const answers = [...said.matchAll(/^(\w+): (.*)$/gm)].map(([, name = "", answer = ""]) => ({ name, answer }));
  const can = (name: string) => answers.some((each) => each.name === name && each.answer === WORKS);
  const refused = answers.filter(({ answer }) => answer !== WORKS);
  return {
    program,
    capabilities,
    cut: can("cut"),
    hasQueue: can("queue"),
    loss: can("loss"),
    delay: can("delay"),
    bandwidth: can("bandwidth"),
    refusals: refused.map(({ name, answer }) => `${name}: ${answer}`).join("; "),
  };
}

const ANY: ShapedPeer = { to: "127.0.0.2", cut: false, delayMs: 0, jitterMs: 0 };
const NONE: Traffic = { incoming: [], outgoing: [] };

/** Each is what is put in force later, so that it works then too. */
const TRIALS: readonly (readonly [name: string, how: "filter" | "shape", what: string])[] = [
  ["cut", "filter", tableOf({ ...NONE, incoming: [{ from: ANY.to, loss: 1 }] }, false)],
  ["queue", "filter", tableOf({ ...NONE, outgoing: [{ ...ANY, cut: true }] }, true)],
  ["loss", "filter", tableOf({ ...NONE, incoming: [{ from: ANY.to, loss: 0.5 }] }, false)],
  ["bandwidth", "shape", shapingOf({ ...NONE, outgoing: [{ ...ANY, bandwidthKbit: 1_000 }] })],
  ["delay", "shape", shapingOf({ ...NONE, outgoing: [{ ...ANY, delayMs: 1, jitterMs: 1 }] })],
];
