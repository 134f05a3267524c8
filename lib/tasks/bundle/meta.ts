import { CodedError } from "../../core/errors.ts";

/** Name of the file in a bundle that says what it was made of; the original's. */
export const META_FILE = "nomos-bundle-meta.env";
/** The folder in a bundle's tar that holds everything; the original's. */
export const TAR_FOLDER = "artifacts";

/** What a bundle was made of: `key=value` lines. The first five keys are the original's. */
export interface BundleMeta {
  readonly nomos_node_path: string;
  readonly nomos_node_rev: string;
  readonly nomos_node_git_head: string;
  readonly platform: string;
  readonly features: string;
  readonly profile: string;
  /** Whether the checkout had changes that its revision lacks. */
  readonly dirty: string;
}

export function metaText(meta: BundleMeta): string {
  return Object.entries(meta)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}

/** Reads what {@link metaText}, or the original, wrote. */
export function readMeta(text: string): Partial<BundleMeta> {
  const lines = text.split("\n").flatMap((line) => {
    const equals = line.indexOf("=");
    return equals > 0 ? [[line.slice(0, equals).trim(), line.slice(equals + 1).trim()] as const] : [];
  });
  return Object.fromEntries(lines);
}

/** Whether two revisions are the same commit, either of which may be shortened. */
export function sameRevision(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  return shorter >= 7 && a.slice(0, shorter) === b.slice(0, shorter);
}

/** @throws CodedError NR-TASK-BUNDLE */
export function checkRevision(asked: string | undefined, has: string, of: string, todo: string): void {
  if (asked === undefined || sameRevision(asked, has)) return;
  const message = `${of} is of the node's revision ${has === "" ? "(not recorded)" : has}, and ${asked} was asked for`;
  throw new CodedError("NR-TASK-BUNDLE", message, { hint: todo });
}
