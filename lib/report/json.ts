import type { Reporter } from "./reporter.ts";
import type { Screen } from "./screen.ts";

/** Every event as one JSON object a line; the last line is the document of run.json, with `type` `result`. */
export function createJsonReporter(screen: Pick<Screen, "write">): Reporter {
  return {
    note: () => undefined,
    abandon: () => undefined,
    event: (event) => screen.write(`${JSON.stringify(event)}\n`),
    end: (report) => screen.write(`${JSON.stringify({ type: "result", ...report })}\n`),
  };
}
