import { CodedError } from "../../core/errors.ts";
import type { CommandDetail } from "../command.ts";

/** One embedded node. The program's entry starts it before any of the command line is loaded; this is its help. */
export const nodeCommand: CommandDetail = {
  options: [{ flags: "--config <file>", summary: "Its configuration, as a run renders it into nodes/<name>/" }],
  examples: [["node --config node.json", "until SIGTERM"]],
  async run() {
    throw new CodedError("NR-CORE-INTERNAL", "a node is started by the program's entry, not by the command line");
  },
};
