import { shown } from "../shown.ts";
import type { Draft, Site } from "./draft.ts";

/**
 * Lets the author's closure set up a builder. What it returns says nothing: every call has already taken effect. Only
 * a promise is refused, since calls after its first pause would come too late.
 */
export function configure<B>(
  draft: Draft,
  path: string,
  call: string,
  at: Site,
  builder: B,
  closure: (builder: B) => unknown,
): void {
  if (typeof closure !== "function") {
    draft.refuse(
      path,
      at,
      "NR-PLAN-VALUE",
      `${call} was given ${shown(closure)}`,
      "Give it a function, such as (t) => t.",
    );
    return;
  }
  draft.wrote(path, at);
  const returned = closure(builder);
  if (returned instanceof Promise) {
    draft.refuse(
      path,
      at,
      "NR-PLAN-VALUE",
      `${call} was given an async function, and a plan can't wait for it`,
      "Await outside, before the scenario is built.",
    );
  }
}
