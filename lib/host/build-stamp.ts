/** Set by the build: the commit it was made of, with a `+` for changes that were in none; null outside git. */
declare const NOMOS_RUN_COMMIT: string | null;
/** Set by the build: the first digits of the digest of the sources. */
declare const NOMOS_RUN_INPUTS: string | undefined;

/** The version in package.json, which is not there when the program is one file. */
export const VERSION = "0.1.0";

/** What made this program: `0.1.0 (54d1002ab3c4, 1f2e3d4c5b6a)`, commit and sources, or `0.1.0 (source)` from a checkout. */
export const BUILD = `${VERSION} (${stampText()})`;

/** Whether what was built as `build` speaks as this program does: of sources that were never built only the version is known. */
export function isSameBuild(build: string): boolean {
  return build === BUILD || (BUILD.endsWith("(source)") && build.startsWith(`${VERSION} `));
}

function stampText(): string {
  if (typeof NOMOS_RUN_INPUTS === "undefined") return "source";
  return [NOMOS_RUN_COMMIT ?? [], NOMOS_RUN_INPUTS].flat().join(", ");
}
