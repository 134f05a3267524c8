import type { Environment } from "./environment.ts";

/** One `--set path=value`. */
export interface SetField {
  /** Dotted path of a field, as `plan --json` shows it. */
  readonly path: string;
  /** Its new value as text; read by the type of the present one. */
  readonly value: string;
  /** How it was given, for messages: `--set wallets.count=5`. */
  readonly at: string;
}

/** What decides about a plan beside its scenario file. Flags beat the environment, which beats the file. */
export interface Settings {
  /** `--seed` */
  readonly seed?: string | undefined;
  /** The seed when nobody names one; drawn by the caller. */
  readonly drawnSeed: string;
  /** `--profile`: `default` or `fast`. */
  readonly profile?: string | undefined;
  /** `--deployer`: the backend; `local` by default. */
  readonly deployer?: string | undefined;
  /** `--node-kind`; `reference` by default. */
  readonly nodeKind?: string | undefined;
  /** `--duration`, in ms; not scaled by the profile. */
  readonly durationMs?: number | undefined;
  readonly sets?: readonly SetField[];
  readonly environment?: Environment;
}
