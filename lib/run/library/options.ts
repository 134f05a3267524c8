import { randomBytes } from "node:crypto";
import { resolve as resolvePath } from "node:path";
import { type Duration, durationMs } from "../../core/duration.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import type { RunEvent } from "../../model/events.ts";
import type { Registry } from "../../model/registry.ts";
import { theNearest } from "../../plan/nearest.ts";
import { type ResolvedPlan, resolve } from "../../plan/resolve.ts";
import { shown } from "../../plan/shown.ts";
import { isWrittenPlan, type WrittenPlan } from "../../plan/written.ts";

/** How a plan is run or deployed from a program. No environment variable and no argument of the process counts. */
export interface LibraryOptions {
  /** Where run folders are made; `.nomos-run` in the working directory by default. */
  readonly out?: string;
  /** What all chance derives from; drawn when left away, and `plan.seed` then has it. */
  readonly seed?: string;
  /** `default`, or `fast`: 250 ms slots, and all durations of the plan scaled with them. */
  readonly profile?: "default" | "fast";
  /** Backend that the nodes run on; `local` by default. */
  readonly deployer?: string;
  /** Kind of the nodes; `reference`, the embedded node, by default. */
  readonly nodeKind?: string;
  /** How long to drive the network; not scaled by the profile. Only `run` drives. */
  readonly duration?: Duration;
  /** Replaces fields of the plan by their dotted paths: `{ "wallets.count": 5 }`. */
  readonly set?: Readonly<Record<string, string | number | boolean>>;
  /** Ends it in order when it aborts: everything is taken down. */
  readonly signal?: AbortSignal;
  /** Called for every event, in order, when it is recorded. */
  readonly onEvent?: (event: RunEvent) => void;
}

/** Options, read. */
export interface ReadOptions {
  /** Absolute. */
  readonly out: string;
  readonly resolved: ResolvedPlan;
  readonly onEvent: (event: RunEvent) => void;
  /** Aborts with NR-CORE-INTERRUPTED when the caller's signal does, and with NR-LIB-EVENT when `onEvent` throws. */
  readonly interrupt: AbortSignal;
  /** Stops listening to the caller's signal. */
  release(): void;
}

const DEFAULT_OUT = ".nomos-run";

/** What each option must be, as it reads after "must be". */
const FORMS: Readonly<Record<keyof LibraryOptions, readonly [form: string, is: (value: unknown) => boolean]>> = {
  out: ["text: a folder", isText],
  seed: ["text", isText],
  profile: ["text: default or fast", isText],
  deployer: ["text: the name of a backend", isText],
  nodeKind: ["text: the name of a node kind", isText],
  duration: ["a duration, such as 90s", (value) => isText(value) || typeof value === "number"],
  set: ["an object of paths and values", (value) => typeof value === "object" && value !== null],
  signal: ["an AbortSignal", (value) => value instanceof AbortSignal],
  onEvent: ["a function", (value) => typeof value === "function"],
};

/**
 * Reads what the library was called with and resolves the plan.
 * @throws CodedError NR-LIB-PLAN, NR-LIB-OPTION, NR-CORE-DURATION, RefusedPlan
 */
export function readOptions(written: WrittenPlan, options: LibraryOptions, registry: Registry): ReadOptions {
  checkPlan(written);
  checkOptions(options);
  const { out = DEFAULT_OUT, seed, profile, deployer, nodeKind, duration, set = {}, signal } = options;
  const resolved = resolve(
    written,
    {
      seed,
      drawnSeed: randomBytes(8).toString("hex"),
      profile,
      deployer,
      nodeKind,
      durationMs: duration === undefined ? undefined : durationMs(duration),
      sets: Object.entries(set).map(([path, value]) => ({ path, value: String(value), at: `set ${path}` })),
    },
    registry,
  );
  const interrupt = new AbortController();
  const callOff = () => {
    const cause: unknown = signal?.reason;
    interrupt.abort(new CodedError("NR-CORE-INTERRUPTED", `called off: ${errorText(cause)}`, { cause }));
  };
  if (signal?.aborted) callOff();
  signal?.addEventListener("abort", callOff, { once: true });
  const onEvent = (event: RunEvent) => {
    try {
      options.onEvent?.(event);
    } catch (cause) {
      interrupt.abort(new CodedError("NR-LIB-EVENT", `onEvent threw at ${event.type}: ${errorText(cause)}`, { cause }));
    }
  };
  return {
    out: resolvePath(out),
    resolved,
    onEvent,
    interrupt: interrupt.signal,
    release: () => signal?.removeEventListener("abort", callOff),
  };
}

function checkPlan(written: unknown): void {
  if (isWrittenPlan(written)) return;
  const isBuilder = typeof (written as { build?: unknown } | null)?.build === "function";
  const what = isBuilder ? "a scenario that isn't built" : typeof written === "object" ? "an object" : shown(written);
  throw new CodedError("NR-LIB-PLAN", `the plan is ${what}, not what build() returns`, {
    hint: isBuilder ? "End it with .build()." : 'A plan is what scenario("name")...build() returns.',
  });
}

function checkOptions(options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw new CodedError("NR-LIB-OPTION", `the options are ${shown(options)}, not an object`, {
      hint: "Write them by name: { seed: ... }.",
    });
  }
  const names = Object.keys(FORMS);
  for (const [name, value] of Object.entries(options)) {
    const form = Object.hasOwn(FORMS, name) ? FORMS[name as keyof LibraryOptions] : undefined;
    if (!form) {
      throw new CodedError("NR-LIB-OPTION", `there is no option ${name}`, {
        hint: `${theNearest(name, names)}There are ${names.join(", ")}.`,
      });
    }
    const [wanted, is] = form;
    if (value === undefined || is(value)) continue;
    throw new CodedError("NR-LIB-OPTION", `the option ${name} is ${shown(value)}`, { hint: `It must be ${wanted}.` });
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
