import process from "node:process";
import * as v from "valibot";
import { ERROR_CODES } from "../core/error-codes.ts";
import { BUILD } from "../host/build-stamp.ts";
import { readFlag } from "./arguments.ts";
import { type ListedCommand, loadCommand } from "./command.ts";
import { SCENARIO_API } from "./scenario-api.ts";

const Names = v.array(v.string());

/** What a build of this program is and can do, as `about --json` prints it. Other builds read it too. */
export const AboutSchema = v.object({
  v: v.literal(1),
  /** Version, commit and sources. */
  build: v.string(),
  /** Operating system and processor, as Node names them. */
  system: v.string(),
  /** Version of the Node inside it. */
  node: v.string(),
  /** Commands, each with its flags. */
  commands: v.record(v.string(), Names),
  /** What scenarios can import. */
  api: Names,
  errorCodes: Names,
});
export type About = v.InferOutput<typeof AboutSchema>;

/** This program. */
export async function aboutThis(commands: readonly ListedCommand[]): Promise<About> {
  const loaded = await Promise.all(commands.map(loadCommand));
  return {
    v: 1,
    build: BUILD,
    system: `${process.platform}-${process.arch}`,
    node: process.versions.node,
    commands: Object.fromEntries(
      loaded.map(({ name, options }) => [name, options.map((option) => `--${readFlag(option).long}`)]),
    ),
    api: Object.keys(SCENARIO_API).toSorted(),
    errorCodes: Object.keys(ERROR_CODES).toSorted(),
  };
}

/** What another build has that this one lacks, and the other way round, one line each. */
export function changesBetween(now: About, next: About): string[] {
  const flags = ({ commands }: About) =>
    Object.entries(commands).flatMap(([name, own]) => [name, ...own.map((flag) => `${name} ${flag}`)]);
  return [
    ...changed("build", now.build, next.build),
    ...changed("system", now.system, next.system),
    ...changed("Node", now.node, next.node),
    ...listChanges("command line", flags(now), flags(next)),
    ...listChanges("scenario API", now.api, next.api),
    ...listChanges("error code", now.errorCodes, next.errorCodes),
  ];
}

function changed(what: string, now: string, next: string): string[] {
  return now === next ? [] : [`${what}: ${now} -> ${next}`];
}

function listChanges(what: string, now: readonly string[], next: readonly string[]): string[] {
  return [
    ...next.filter((each) => !now.includes(each)).map((each) => `${what}: + ${each}`),
    ...now.filter((each) => !next.includes(each)).map((each) => `${what}: - ${each}`),
  ];
}
