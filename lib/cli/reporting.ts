import { appendFileSync, closeSync, existsSync, openSync, writeFileSync, writeSync } from "node:fs";
import { relative } from "node:path";
import { CodedError } from "../core/errors.ts";
import { writeError } from "../host/disk-errors.ts";
import { systemClock } from "../host/system-clock.ts";
import { createReporter, type ReporterName } from "../report/create.ts";
import { createGithubReporter } from "../report/github.ts";
import { createJunitCollector } from "../report/junit.ts";
import type { Reporter, RunHeader } from "../report/reporter.ts";
import type { World } from "./world.ts";

/** One `--reporter NAME` or `--reporter NAME=FILE`. */
export interface ReporterRequest {
  readonly name: ReporterName;
  /** Absolute; null for standard output. */
  readonly file: string | null;
}

/** The reporters of a call, over all its runs. */
export interface Reporting {
  /** Whether standard output is a document, which remarks would spoil. */
  readonly isDocument: boolean;
  /** Reporters for one run. */
  open(header: RunHeader): Reporter;
  /** Ends files and documents. @throws CodedError what made writing one of them fail */
  close(): void;
}

/** Width of reports in files: that of a log. */
const FILE_COLUMNS = 120;

/**
 * Opens what the reporters write to.
 * @throws CodedError NR-CLI-VALUE when a file exists, NR-HOST-WRITE when one can't be made
 */
export function openReporting(requests: readonly ReporterRequest[], world: World): Reporting {
  for (const { name, file } of requests) {
    if (file === null || !existsSync(file)) continue;
    throw new CodedError("NR-CLI-VALUE", `--reporter ${name}=${relative(world.folder, file)}: the file exists`, {
      hint: "Reports don't replace files: remove it, or name another.",
    });
  }
  const channels = requests.map((request) => openChannel(request, world));
  return {
    isDocument: requests.some(({ name, file }) => file === null && (name === "json" || name === "junit")),
    open: (header) => together(channels.map((channel) => channel.open(header))),
    close() {
      for (const channel of channels) channel.close();
    },
  };
}

interface Channel {
  open(header: RunHeader): Reporter;
  close(): void;
}

function openChannel({ name, file }: ReporterRequest, world: World): Channel {
  const target = file === null ? null : openTarget(file);
  const write = target ? target.append : (text: string) => world.output.write(text);
  const screen = target ? { write, columns: () => FILE_COLUMNS, color: false } : world.output;
  if (name === "junit") {
    let document = "";
    const collector = createJunitCollector((whole) => {
      document = whole;
      // After each run, so that a call that is cut short leaves the document of those before.
      target?.replace(whole);
    });
    return {
      open: () => collector.reporter(),
      close() {
        if (!target) world.output.write(document);
        target?.close();
      },
    };
  }
  const close = () => target?.close();
  if (name === "github") {
    return { open: (header) => createGithubReporter(withRelativeSites(header, world), write, summary(world)), close };
  }
  return { open: (header) => createReporter(name, header, screen, systemClock), close };
}

interface Target {
  append(text: string): void;
  replace(text: string): void;
  /** @throws CodedError the first that went wrong */
  close(): void;
}

function openTarget(path: string): Target {
  let failure: CodedError | undefined;
  const attempt = (write: () => void) => {
    try {
      if (!failure) write();
    } catch (error) {
      failure = writeError(path, error, "file");
    }
  };
  let file: number;
  try {
    file = openSync(path, "wx");
  } catch (error) {
    throw writeError(path, error, "file");
  }
  return {
    append: (text) => attempt(() => writeSync(file, text)),
    replace: (text) => attempt(() => writeFileSync(path, text)),
    close() {
      closeSync(file);
      if (failure) throw failure;
    },
  };
}

/** GitHub shows annotations at files relative to the checkout. */
function withRelativeSites({ siteOf }: RunHeader, { env, folder }: World): Pick<RunHeader, "siteOf"> {
  const root = env["GITHUB_WORKSPACE"] || folder;
  return {
    siteOf(expectation) {
      const site = siteOf?.(expectation);
      return site?.startsWith("/") ? relative(root, site) : site;
    },
  };
}

/** Appends to the file that GitHub Actions shows below the step. */
function summary({ env, errors }: World): ((markdown: string) => void) | null {
  const path = env["GITHUB_STEP_SUMMARY"];
  if (path === undefined || path === "") return null;
  return (markdown) => {
    try {
      appendFileSync(path, markdown);
    } catch (error) {
      errors.write(`warning: the step's summary was not written: ${writeError(path, error, "file").message}\n`);
    }
  };
}

function together(reporters: readonly Reporter[]): Reporter {
  const each = (act: (reporter: Reporter) => void) => {
    for (const reporter of reporters) act(reporter);
  };
  return {
    event: (event) => each((reporter) => reporter.event(event)),
    note: (text) => each((reporter) => reporter.note(text)),
    end: (report) => each((reporter) => reporter.end(report)),
    abandon: () => each((reporter) => reporter.abandon()),
  };
}
