import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join, resolve } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { CodedError } from "../../core/errors.ts";
import { listRuns } from "../../host/runs.ts";
import { systemClock } from "../../host/system-clock.ts";
import { nearestOrAll } from "../../plan/nearest.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { listenForInterrupts } from "../interrupts.ts";
import { DEFAULT_OUT, findRunFolder } from "../run-places.ts";
import type { World } from "../world.ts";

/** Time between two looks at growing logs. */
const FOLLOW_MS = 200;
const CHUNK_BYTES = 1 << 16;

/** Shows the logs of a run's nodes. */
export const logsCommand: CommandDetail = {
  options: [
    { flags: "-f, --follow", summary: "Go on while the run has processes on this machine" },
    { flags: "--out <folder>", summary: `Where runs leave their folders; ${DEFAULT_OUT} by default` },
  ],
  examples: [
    ["logs latest", "all nodes of the newest run, each line with its node's name"],
    ["logs latest validator-1", "one node"],
    ["logs latest -f", "as they grow"],
  ],
  async run(args, world) {
    const { output, folder } = world;
    const [written = "", node] = args.positionals;
    const runFolder = findRunFolder(resolve(folder, args.value("out") ?? DEFAULT_OUT), written, folder);
    const names = logNames(runFolder);
    if (node !== undefined && !names.includes(node)) {
      const hint = names.length === 0 ? "That run has none." : nearestOrAll(node, names);
      throw new CodedError("NR-CLI-NODE-UNKNOWN", `there is no log of ${JSON.stringify(node)} in ${runFolder}`, {
        hint,
      });
    }
    const shown = node === undefined ? names : [node];
    const width = Math.max(...shown.map((name) => name.length));
    const tails = shown.map((name) => {
      const prefix = node === undefined ? `${name.padEnd(width)} | ` : "";
      return tailOf(join(runFolder, "logs", `${name}.log`), (line) => output.write(`${prefix}${line}\n`));
    });
    for (const tail of tails) tail.read();
    if (args.has("follow")) await follow(runFolder, tails, world);
    for (const tail of tails) tail.end();
    return EXIT.passed;
  },
};

function logNames(runFolder: string): string[] {
  return readdirSync(join(runFolder, "logs"))
    .filter((file) => file.endsWith(".log"))
    .map((file) => file.slice(0, -".log".length))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

interface Tail {
  /** Passes on the lines that were written since the last time. */
  read(): void;
  /** Passes on an unfinished last line, and closes the file. */
  end(): void;
}

function tailOf(path: string, onLine: (line: string) => void): Tail {
  const file = openSync(path, "r");
  const decoder = new StringDecoder("utf8");
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let rest = "";
  return {
    read() {
      for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
        const lines = (rest + decoder.write(buffer.subarray(0, length))).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) onLine(line);
      }
    },
    end() {
      if (rest !== "") onLine(rest);
      closeSync(file);
    },
  };
}

/** Reads on until nothing of the run lives, the reader has gone, or the user has seen enough. */
async function follow(runFolder: string, tails: readonly Tail[], world: World): Promise<void> {
  const runId = runFolder.split("/").at(-1);
  const interrupts = listenForInterrupts(world, () => undefined);
  const enough = AbortSignal.any([interrupts.first, world.output.closed]);
  try {
    while (!enough.aborted && listRuns().some((run) => run.runId === runId)) {
      await systemClock.sleep(FOLLOW_MS, enough).catch((reason: unknown) => {
        if (!enough.aborted) throw reason;
      });
      for (const tail of tails) tail.read();
    }
  } finally {
    interrupts.release();
  }
}
