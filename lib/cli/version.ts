/** Set by the build: a digest of the sources that the executable was made of. */
declare const NOMOS_RUN_BUILD: string | undefined;

/** The version in package.json, which is not there when the program is one file. */
export const VERSION = "0.1.0";

/** What made this program: `0.1.0 (1f2e3d4c)`, or `0.1.0 (source)` when it runs from a checkout. */
export const BUILD = `${VERSION} (${typeof NOMOS_RUN_BUILD === "string" ? NOMOS_RUN_BUILD : "source"})`;
