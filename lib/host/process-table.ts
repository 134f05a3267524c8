import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { systemCode } from "../core/errors.ts";
import { type ProcessIdentity, type RunMarks, readMarks } from "./run-marks.ts";

/** A living process that was started for a run. */
export interface MarkedProcess extends ProcessIdentity, RunMarks {
  readonly parent: number;
  /** Stopped by SIGSTOP or the like. */
  readonly paused: boolean;
  /** Its command line, arguments separated by spaces. */
  readonly command: string;
}

/** One look at a process. */
export interface ProcessLook extends ProcessIdentity {
  readonly parent: number;
  readonly paused: boolean;
}

/** Looks at the machine's processes. Zombies don't exist for it, and no look is remembered. */
export interface ProcessTable {
  /** The process with this pid, or null. */
  look(pid: number): ProcessLook | null;
  /** Every process that carries the marks of a run, this one excepted. */
  marked(): MarkedProcess[];
}

/** Errors that mean that the process ended while it was looked at, or belongs to somebody else. */
const GONE_OR_FOREIGN = new Set(["ENOENT", "ESRCH", "EACCES", "EPERM"]);

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch (error) {
    if (GONE_OR_FOREIGN.has(systemCode(error) ?? "")) return null;
    throw error;
  }
}

/** The table of Linux: `/proc`. */
export const procTable: ProcessTable = {
  look(pid) {
    const stat = readProc(pid, "stat");
    if (stat === null) return null;
    // The second field is the program's name in parentheses and may hold anything, so count from its end.
    const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return null;
    // Field 22 of proc(5), starttime; `rest` begins at field 5.
    return { pid, startTicks: Number(rest[17]), parent: Number(parent), paused: state === "T" };
  },

  marked() {
    const found: MarkedProcess[] = [];
    for (const name of readdirSync("/proc")) {
      const pid = Number(name);
      if (!(pid > 0) || pid === process.pid) continue;
      const marks = readMarks((readProc(pid, "environ") ?? "").split("\0"));
      const look = marks && this.look(pid);
      if (!look) continue;
      const command = (readProc(pid, "cmdline") ?? "").split("\0").join(" ").trim();
      found.push({ ...look, ...marks, command });
    }
    return found;
  },
};

/** Flags that make `ps` list every process with its environment behind the command, in full width. */
const PS_EVERYTHING = process.platform === "darwin" ? "-AEww" : "axeww";

/** The table of systems without `/proc`: one `ps` a look. It sees whole seconds and no values with spaces. */
export const psTable: ProcessTable = {
  look(pid) {
    return psRows(["-o", PS_COLUMNS, "-p", String(pid)])[0] ?? null;
  },

  marked() {
    return psRows([PS_EVERYTHING, "-o", PS_COLUMNS]).flatMap((row) => {
      if (row.pid === process.pid) return [];
      const words = row.command.split(" ");
      const marks = readMarks(words);
      if (!marks) return [];
      const firstVariable = words.findIndex((word) => /^[A-Za-z_][A-Za-z_0-9]*=/.test(word));
      return [{ ...row, ...marks, command: words.slice(0, firstVariable).join(" ") }];
    });
  },
};

const PS_COLUMNS = "pid=,ppid=,stat=,lstart=,command=";

function psRows(args: string[]): (ProcessLook & { command: string })[] {
  let text: string;
  try {
    text = execFileSync("ps", args, {
      encoding: "utf8",
      env: { PATH: "/bin:/usr/bin", LC_ALL: "C" },
      maxBuffer: 1 << 28,
    });
  } catch (error) {
    // `ps -p` ends with 1 and prints nothing when there is no such process.
    if ((error as { status?: unknown }).status === 1) return [];
    throw error;
  }
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4})\s(.*)$/.exec(line);
    if (!match || match[3]?.startsWith("Z")) return [];
    return [
      {
        pid: Number(match[1]),
        parent: Number(match[2]),
        paused: match[3]?.startsWith("T") ?? false,
        startTicks: Date.parse(match[4] ?? "") / 1000,
        command: match[5] ?? "",
      },
    ];
  });
}

/** The table of this machine. */
export const processTable: ProcessTable = process.platform === "linux" ? procTable : psTable;
