import { ORIGINAL_VARIABLES, twinOf } from "./original-variables.ts";
import { type Problem, RefusedPlan } from "./problem.ts";
import { shown } from "./shown.ts";

/** Values of the environment that count for planning. */
export interface EnvironmentValues {
  /** CONSENSUS_SLOT_TIME, in ms. */
  readonly slotMs: number;
  /** CONSENSUS_ACTIVE_SLOT_COEFF */
  readonly f: number;
  /** CONSENSUS_SECURITY_PARAM */
  readonly k: number;
  /** NOMOS_DEMO_VALIDATORS, for the `demo` command. */
  readonly demoValidators: number;
  /** NOMOS_DEMO_EXECUTORS, for the `demo` command. */
  readonly demoExecutors: number;
  /** NOMOS_DEMO_RUN_SECS, for the `demo` command, in ms. */
  readonly demoRunMs: number;
  /** NOMOS_RUN_SEED */
  readonly seed: string;
  /** NOMOS_RUN_PROFILE; which profiles there are is known when a plan is resolved. */
  readonly profile: string;
  /** NOMOS_RUN_DEPLOYER */
  readonly deployer: string;
  /** NOMOS_RUN_OUT: folder for run folders. */
  readonly out: string;
  /** TESTNET_RUNNER_PRESERVE: the nodes stay up after the run, as with `--keep`. */
  readonly keep: boolean;
  /** NOMOS_METRICS_QUERY_URL */
  readonly metricsQueryUrl: string;
  /** NOMOS_METRICS_OTLP_INGEST_URL */
  readonly metricsOtlpIngestUrl: string;
  /** NOMOS_GRAFANA_URL */
  readonly grafanaUrl: string;
  /** NOMOS_CIRCUITS_VERSION, for the task `setup-circuits`; so are the next two. */
  readonly circuitsVersion: string;
  /** NOMOS_CIRCUITS */
  readonly circuitsFolder: string;
  /** NOMOS_CIRCUITS_PLATFORM */
  readonly circuitsPlatform: string;
  /** NOMOS_NODE_REV, for the tasks `setup-circuits` and `build-bundle`. */
  readonly nodeRevision: string;
  /** NOMOS_NODE_PATH, for the task `build-bundle`; so are the rest. */
  readonly nodeCheckout: string;
  /** NOMOS_BINARIES_TAR */
  readonly binariesTar: string;
  /** NOMOS_EXTRA_FEATURES */
  readonly extraFeatures: string;
  /** BUNDLE_RUSTUP_TOOLCHAIN */
  readonly rustToolchain: string;
  /** NOMOS_TESTNET_IMAGE, for the task `build-image`; so is the next one. */
  readonly testnetImage: string;
  /** NOMOS_KZGRS_PARAMS_PATH */
  readonly kzgFile: string;
  /** COMPOSE_RUNNER_HOST */
  readonly composeHost: string;
}

export type EnvironmentKey = keyof EnvironmentValues;

/** What was set, and by which variable. */
export interface Environment {
  readonly values: Readonly<Partial<EnvironmentValues>>;
  /** The variable that a value came from, as it was named: `CONSENSUS_SLOT_TIME` or a twin's name. */
  readonly from: Readonly<Partial<Record<EnvironmentKey, string>>>;
}

const HTTP_URL = "an http or https URL";

/** Nothing set. */
export const NO_ENVIRONMENT: Environment = { values: {}, from: {} };

/** A variable that counts: its name, what it means, and how its text is read. */
export interface Variable<K extends EnvironmentKey = EnvironmentKey> {
  readonly name: string;
  /** The same under the names that the node took in 2026: `NOMOS_X` as `LOGOS_BLOCKCHAIN_X`. */
  readonly twin?: string;
  readonly key: K;
  /** One line for `env`. */
  readonly meaning: string;
  /** Whether `0` is a value like others. Otherwise it means off, as empty and `false` always do. */
  readonly zeroCounts: boolean;
  /** The value, or undefined when the text is malformed. */
  parse(text: string): EnvironmentValues[K] | undefined;
  /** What a well-formed value is, as it reads after "must be". */
  readonly form: string;
}

/** Every variable that counts for planning. A flag beats it, and it beats the scenario file. */
export const ENVIRONMENT: readonly Variable[] = [
  variable("CONSENSUS_SLOT_TIME", "slotMs", {
    meaning: "length of a slot in seconds (2)",
    form: "a number of seconds above 0, down to milliseconds, such as 2 or 0.25",
    parse: (text) => positive(text, (seconds) => wholeMs(seconds * 1_000)),
  }),
  variable("CONSENSUS_ACTIVE_SLOT_COEFF", "f", {
    meaning: "active slot coefficient f (0.9)",
    form: "a number above 0 and at most 1",
    parse: (text) => positive(text, (f) => (f <= 1 ? f : undefined)),
  }),
  variable("CONSENSUS_SECURITY_PARAM", "k", {
    meaning: "security parameter k: blocks until finality (10)",
    form: "a whole number from 1",
    parse: (text) => positive(text, whole),
  }),
  variable("NOMOS_DEMO_VALIDATORS", "demoValidators", {
    meaning: "validators of the demo (1)",
    form: "a whole number from 0",
    zeroCounts: true,
    parse: (text) => count(text),
  }),
  variable("NOMOS_DEMO_EXECUTORS", "demoExecutors", {
    meaning: "executors of the demo (1)",
    form: "a whole number from 0",
    zeroCounts: true,
    parse: (text) => count(text),
  }),
  variable("NOMOS_DEMO_RUN_SECS", "demoRunMs", {
    meaning: "seconds that the demo drives the network (60)",
    form: "a number of seconds above 0",
    parse: (text) => positive(text, (seconds) => seconds * 1_000),
  }),
  variable("NOMOS_RUN_SEED", "seed", {
    meaning: "what all chance of the run derives from (drawn)",
    form: "text",
    zeroCounts: true,
    parse: (text) => text,
  }),
  variable("NOMOS_RUN_PROFILE", "profile", {
    meaning: "default, or fast: 250 ms slots and k 40 for tests (default)",
    form: "default or fast",
    parse: (text) => (["default", "fast"].includes(text) ? text : undefined),
  }),
  variable("NOMOS_RUN_DEPLOYER", "deployer", {
    meaning: "backend that the nodes run on (local)",
    form: "a backend's name",
    parse: (text) => text,
  }),
  variable("NOMOS_RUN_OUT", "out", {
    meaning: "folder for run folders (.nomos-run/runs)",
    form: "a path",
    parse: (text) => text,
  }),
  variable("TESTNET_RUNNER_PRESERVE", "keep", {
    meaning: "leave the nodes up after the run, as --keep does (off)",
    form: "anything; empty, 0 and false mean off",
    parse: () => true,
  }),
  variable("NOMOS_METRICS_QUERY_URL", "metricsQueryUrl", {
    meaning: "base URL of a Prometheus query API (none)",
    form: HTTP_URL,
    parse: httpUrl,
  }),
  variable("NOMOS_METRICS_OTLP_INGEST_URL", "metricsOtlpIngestUrl", {
    meaning: "URL that nodes push OTLP metrics to (none)",
    form: HTTP_URL,
    parse: httpUrl,
  }),
  variable("NOMOS_GRAFANA_URL", "grafanaUrl", {
    meaning: "Grafana's URL, shown to people (none)",
    form: HTTP_URL,
    parse: httpUrl,
  }),
  variable("NOMOS_CIRCUITS_VERSION", "circuitsVersion", {
    meaning: "release of the circuits that task setup-circuits fetches (v0.3.1)",
    form: "a version",
    parse: (text) => text,
  }),
  variable("NOMOS_CIRCUITS", "circuitsFolder", {
    meaning: "folder that task setup-circuits makes (~/.nomos-circuits), and build-image takes (the bundle's)",
    form: "a path",
    parse: (text) => text,
  }),
  variable("NOMOS_CIRCUITS_PLATFORM", "circuitsPlatform", {
    meaning: "system and processor that circuits are for (this machine's)",
    form: "a platform such as linux-x86_64",
    parse: (text) => text,
  }),
  variable("NOMOS_NODE_REV", "nodeRevision", {
    meaning: "revision of the node for tasks setup-circuits and build-bundle (that of the original)",
    form: "a revision",
    parse: (text) => text,
  }),
  variable("NOMOS_NODE_PATH", "nodeCheckout", {
    meaning: "checkout of the node that task build-bundle builds (none)",
    form: "a path",
    parse: (text) => text,
  }),
  variable("NOMOS_BINARIES_TAR", "binariesTar", {
    meaning: "bundle that tasks build-bundle and build-image take real nodes from (none)",
    form: "a path",
    parse: (text) => text,
  }),
  variable("NOMOS_EXTRA_FEATURES", "extraFeatures", {
    meaning: "features of the node that task build-bundle builds beside testing (none)",
    form: "names with commas",
    parse: (text) => text,
  }),
  variable("BUNDLE_RUSTUP_TOOLCHAIN", "rustToolchain", {
    meaning: "rustup's toolchain for task build-bundle (its own choice)",
    form: "a toolchain",
    parse: (text) => text,
  }),
  variable("NOMOS_TESTNET_IMAGE", "testnetImage", {
    meaning: "image of real nodes that task build-image makes (logos-blockchain-testing:local)",
    form: "an image's name",
    parse: (text) => text,
  }),
  variable("NOMOS_KZGRS_PARAMS_PATH", "kzgFile", {
    meaning: "file of KZG parameters, or its folder, for task build-image (the circuits')",
    form: "a path",
    parse: (text) => text,
  }),
  variable("COMPOSE_RUNNER_HOST", "composeHost", {
    meaning: "where the ports that containers publish are reached (127.0.0.1, or the host of DOCKER_HOST)",
    form: "an address or a host's name",
    parse: (text) => (/^[\w.:-]+$/.test(text) ? text : undefined),
  }),
];

/**
 * Reads the variables that count.
 * @throws RefusedPlan with a problem for each that is malformed, or that differs from its twin.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const values: Partial<Record<EnvironmentKey, unknown>> = {};
  const from: Partial<Record<EnvironmentKey, string>> = {};
  const problems: Problem[] = [];
  for (const entry of ENVIRONMENT) {
    const found = valueInForce(entry, env);
    if (found === null) continue;
    if ("problem" in found) {
      problems.push(found.problem);
      continue;
    }
    values[entry.key] = found.value;
    from[entry.key] = found.from;
  }
  for (const { name, fate, advice } of ORIGINAL_VARIABLES) {
    if (fate !== "refused") continue;
    for (const given of [name, twinOf(name)]) {
      if (given === undefined || !isOn(env[given], false)) continue;
      const message = `${given} is ${shown(env[given])}, and has no effect here`;
      problems.push({ code: "NR-PLAN-ENVIRONMENT", at: given, message, hint: `${advice} Unset the variable.` });
    }
  }
  if (problems.length > 0) throw new RefusedPlan("the environment", problems);
  return { values: values as Partial<EnvironmentValues>, from };
}

/** What a variable or its twin says: nothing, a value, or what is wrong with it. `from` is the name that was set. */
export function valueInForce(
  entry: Variable,
  env: Readonly<Record<string, string | undefined>>,
): null | { readonly from: string; readonly value: unknown } | { readonly from: string; readonly problem: Problem } {
  const names = [entry.name, ...(entry.twin === undefined ? [] : [entry.twin])];
  const [first, second] = names.filter((name) => isOn(env[name], entry.zeroCounts));
  if (first === undefined) return null;
  const refuse = (message: string, hint: string) => ({
    from: first,
    problem: { code: "NR-PLAN-ENVIRONMENT" as const, at: first, message, hint },
  });
  if (second !== undefined && env[first] !== env[second]) {
    const message = `${first} is ${shown(env[first])}, and ${second} means the same and is ${shown(env[second])}`;
    return refuse(message, "Unset one of them.");
  }
  const value = entry.parse((env[first] as string).trim());
  if (value !== undefined) return { from: first, value };
  return refuse(`${first} is ${shown(env[first])}`, `It must be ${entry.form}; unset it for the default.`);
}

/** Empty, `false` and, where it is no value of its own, `0` mean off. */
function isOn(text: string | undefined, zeroCounts: boolean): boolean {
  const trimmed = text?.trim() ?? "";
  return trimmed !== "" && trimmed !== "false" && (zeroCounts || trimmed !== "0");
}

interface VariableFacets<K extends EnvironmentKey> {
  readonly meaning: string;
  readonly form: string;
  readonly zeroCounts?: boolean;
  parse(text: string): EnvironmentValues[K] | undefined;
}

function variable<K extends EnvironmentKey>(name: string, key: K, facets: VariableFacets<K>): Variable<K> {
  const twin = twinOf(name);
  return { name, ...(twin !== undefined && { twin }), key, zeroCounts: false, ...facets };
}

const DECIMAL = /^\d+(\.\d+)?$/;

function positive(text: string, use: (value: number) => number | undefined): number | undefined {
  const value = DECIMAL.test(text) ? Number(text) : 0;
  return value > 0 && Number.isFinite(value) ? use(value) : undefined;
}

function count(text: string): number | undefined {
  return DECIMAL.test(text) ? whole(Number(text)) : undefined;
}

function whole(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Milliseconds, when there are no fractions of them (0.3 s is 300.00000000000006 ms before rounding). */
function wholeMs(ms: number): number | undefined {
  const rounded = Math.round(ms);
  return rounded >= 1 && Math.abs(ms - rounded) < 1e-6 ? rounded : undefined;
}

function httpUrl(text: string): string | undefined {
  const protocol = URL.canParse(text) ? new URL(text).protocol : "";
  return protocol === "http:" || protocol === "https:" ? text : undefined;
}
