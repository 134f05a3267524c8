import { didYouMean } from "../nearest.ts";
import { shown } from "../shown.ts";
import type { Draft, Site } from "./draft.ts";

/**
 * An options object of a call. Keys that the call doesn't know are refused with the nearest one: type checks catch them
 * in an editor, but scenario files also run without one.
 */
export function readOptions<T extends object>(
  draft: Draft,
  path: string,
  call: string,
  at: Site,
  options: T,
  known: readonly (keyof T & string)[],
): Partial<T> {
  if (typeof options !== "object" || options === null) {
    draft.refuse(
      path,
      at,
      "NR-PLAN-VALUE",
      `${call} was given ${shown(options)} for options`,
      `It knows ${known.join(", ")}.`,
    );
    return {};
  }
  const unknown = Object.keys(options).filter((key) => !(known as readonly string[]).includes(key));
  for (const key of unknown) {
    const hint = known.length === 0 ? "It has no options." : `${didYouMean(key, known)}It knows ${known.join(", ")}.`;
    draft.refuse(path, at, "NR-PLAN-OPTION", `${call} has no option ${JSON.stringify(key)}`, hint);
  }
  return options;
}
