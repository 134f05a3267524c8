import type { Clock } from "../core/clock.ts";
import { createJsonReporter } from "./json.ts";
import { createPlainReporter } from "./plain.ts";
import type { Reporter, RunHeader } from "./reporter.ts";
import type { Screen } from "./screen.ts";
import { createTtyReporter } from "./tty.ts";

export const REPORTERS = ["tty", "plain", "json", "junit", "github"] as const;
/** A way to report: to somebody at a terminal, to a log, to a program, to a build server, to GitHub Actions. */
export type ReporterName = (typeof REPORTERS)[number];

/** A reporter that follows one run. The others need more than a screen. */
export function createReporter(
  name: Exclude<ReporterName, "junit" | "github">,
  header: RunHeader,
  screen: Screen,
  clock: Clock,
): Reporter {
  switch (name) {
    case "tty":
      return createTtyReporter(header, screen, clock);
    case "plain":
      return createPlainReporter(header, screen, clock);
    case "json":
      return createJsonReporter(screen);
  }
}
