import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeError } from "../../host/disk-errors.ts";
import { logLines } from "../../host/log-lines.ts";

/** Characters of one node's log that wait in memory before they are written. */
const BATCH = 16 * 1_024;
/** Characters that all nodes' logs together may have; each node has an equal share, and at least {@link LEAST}. */
const MOST = 1_024 * 1_024 * 1_024;
const LEAST = 256 * 1_024;

interface NodeLog {
  readonly path: string;
  waiting: string;
  left: number;
}

/**
 * The nodes' logs in the run folder, `logs/<node>.log`. Written without yielding, so that no virtual time can pass
 * meanwhile. A node that says more than its share has the rest of its log cut, which the last line says.
 */
export class NodeLogs {
  readonly #logs: ReadonlyMap<string, NodeLog>;
  readonly #onFailure: (error: Error) => void;
  #failed = false;

  /** @param onFailure told once, when a log can't be written; nothing more is written then */
  constructor(folder: string, names: readonly string[], onFailure: (error: Error) => void) {
    this.#onFailure = onFailure;
    const logs = join(folder, "logs");
    const left = Math.max(LEAST, Math.floor(MOST / Math.max(1, names.length)));
    this.#logs = new Map(names.map((name) => [name, { path: join(logs, `${name}.log`), waiting: "", left }]));
    this.#try(logs, () => mkdirSync(logs, { recursive: true }));
  }

  /** Takes one line, with its newline. */
  append(name: string, line: string): void {
    const log = this.#logs.get(name);
    if (!log || log.left <= 0) return;
    log.left -= line.length;
    log.waiting += log.left > 0 ? line : `... cut here: a node's log has its limit\n`;
    if (log.waiting.length >= BATCH) this.#write(log);
  }

  /** The lines of a node's log so far. */
  lines(name: string): Iterable<string> {
    const log = this.#logs.get(name);
    if (!log) return [];
    this.#write(log);
    return logLines(log.path);
  }

  /** Writes what waits. */
  flush(): void {
    for (const log of this.#logs.values()) this.#write(log);
  }

  #write(log: NodeLog): void {
    const { path, waiting } = log;
    log.waiting = "";
    if (waiting !== "") this.#try(path, () => appendFileSync(path, waiting));
  }

  #try(path: string, write: () => void): void {
    if (this.#failed) return;
    try {
      write();
    } catch (error) {
      this.#failed = true;
      this.#onFailure(writeError(path, error));
    }
  }
}
