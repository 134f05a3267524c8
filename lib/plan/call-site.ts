import { fileURLToPath } from "node:url";

/** `at name (place:line:column)` or `at place:line:column`. */
const FRAME = /^\s*at (?:.*? \()?(?:async )?(.+?):(\d+):\d+\)?$/m;

/**
 * `file:line` of the code that called `call`, a public function that is running now. Scenario files are run with their
 * types blanked out, so lines are those that the author sees. Undefined where the engine doesn't tell.
 */
export function callSite(call: (...args: never[]) => unknown): string | undefined {
  const trace: { stack?: string } = {};
  Error.captureStackTrace(trace, call);
  const frame = FRAME.exec(trace.stack ?? "");
  if (!frame) return undefined;
  return `${pathOf(frame[1] as string)}:${frame[2]}`;
}

/** The file's path: loaders name modules by URL, and may tell versions of one apart by a query. */
function pathOf(place: string): string {
  if (!place.startsWith("file:")) return place;
  const url = new URL(place);
  url.search = "";
  return fileURLToPath(url);
}
