import { CodedError } from "../../core/errors.ts";
import { systemClock, wallNow } from "../../host/system-clock.ts";
import { loadConfig } from "./config.ts";
import { serveNode } from "./node.ts";

/** What the process that a node runs in hands to it. */
export interface NodeProcess {
  /** After the word `node`: `--config FILE`. */
  readonly args: readonly string[];
  /** Takes the log. */
  readonly output: { write(text: string): unknown };
  /** Takes why the node ended, if not because it was told to. */
  readonly errors: { write(text: string): unknown };
  /** Ends the node when it aborts. */
  readonly terminate: AbortSignal;
}

/** How a node's process ends. */
export const NODE_EXIT = {
  ended: 0,
  /** NR-NODE-PORT: whoever started it can tell this from a fault. */
  portTaken: 3,
  /** The configuration is no good. */
  refused: 64,
  /** Everything else: EX_SOFTWARE of sysexits. */
  fault: 70,
} as const;

/**
 * `nomos-run node --config FILE`: one embedded node, until it is told to end. Why it could not start, or what broke it, is
 * one line of `errors`: code and message.
 * @returns the process' exit code
 */
export async function runNode({ args, output, errors, terminate }: NodeProcess): Promise<number> {
  try {
    const config = await loadConfig(configPath(args));
    const world = { clock: systemClock, wallNow, print: (text: string) => void output.write(text) };
    await serveNode(config, world, terminate);
    return NODE_EXIT.ended;
  } catch (error) {
    if (!(error instanceof CodedError)) {
      errors.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      return NODE_EXIT.fault;
    }
    errors.write(`${error.code} ${error.message}\n`);
    if (error.code === "NR-NODE-PORT") return NODE_EXIT.portTaken;
    return error.class === "refused" ? NODE_EXIT.refused : NODE_EXIT.fault;
  }
}

function configPath([flag, path, ...rest]: readonly string[]): string {
  if (flag === "--config" && path !== undefined && rest.length === 0) return path;
  throw new CodedError("NR-NODE-CONFIG", "a node takes --config FILE and nothing else");
}
