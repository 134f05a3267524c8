import type { Clock } from "../../core/clock.ts";

/** The backends that a network can be deployed to, as doctor knows them. */
export const BACKENDS = ["local", "compose", "kubernetes"] as const;
export type Backend = (typeof BACKENDS)[number];

/** Something that was looked for. */
export interface Finding {
  readonly what: string;
  readonly found: boolean;
  /** Whether the backend can't run without it. */
  readonly needed: boolean;
  /** Its version or place; what is wrong where it isn't found. */
  readonly detail: string;
  /** The command that mends it; null when there is nothing to mend, or no command that would. */
  readonly mend: string | null;
}

/** Where doctor looks. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /** Folder for run folders; absolute. */
  readonly out: string;
  readonly clock: Clock;
}

/** How long one look may take. All go at once, so that this is how long doctor takes at most. */
export const LOOK_MS = 3_000;

/** What installs a package on this system. */
export function install(debian: string, brew: string): string {
  return process.platform === "darwin" ? `brew install ${brew}` : `sudo apt-get install ${debian}`;
}

export function found(what: string, detail: string, needed = true): Finding {
  return { what, found: true, needed, detail, mend: null };
}

export function missing(what: string, detail: string, mend: string | null, needed = true): Finding {
  return { what, found: false, needed, detail, mend };
}
