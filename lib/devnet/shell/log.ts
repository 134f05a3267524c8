/** Severities, the most talkative first. */
const LEVELS = ["DEBUG", "INFO", "WARN", "ERROR"] as const;
export type LogLevel = (typeof LEVELS)[number];

/** Writes one line of the node's log. */
export type Log = (level: LogLevel, target: string, text: string) => void;

/**
 * A log in tracing-subscriber's default format, without colours:
 * `2025-12-12T14:37:20.123456Z  INFO cryptarchia::service: proposed block ...`.
 * @param now wall time in ms since 1970
 */
export function createLog(least: LogLevel, now: () => number, print: (line: string) => void): Log {
  return (level, target, text) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    const time = new Date(now()).toISOString().replace("Z", "000Z");
    print(`${time} ${level.padStart(5)} ${target}: ${text.replaceAll("\n", "\\n")}\n`);
  };
}
