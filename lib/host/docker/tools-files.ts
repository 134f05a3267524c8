import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { librariesOf, type RootFile } from "./root-files.ts";

/** Folders that programs of administrators are in; iptables and tc aren't in every user's PATH. */
const FOLDERS = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];
/** Either of them will do: the kernel decides later which works. */
const FILTERS = ["xtables-nft-multi", "xtables-legacy-multi"];
/** What our rules are made of. */
const EXTENSIONS = ["libxt_NFQUEUE.so", "libxt_standard.so", "libxt_statistic.so"];
const EXTENSIONS_FOLDER = "/usr/lib/xtables";

/** What the programs have to be told where an image has no other folders than it needs. */
export const TOOLS_ENVIRONMENT = { XTABLES_LIBDIR: EXTENSIONS_FOLDER, XTABLES_LOCKFILE: "/tmp/xtables.lock" };

/** What an image of the tools is made of, or what this machine doesn't have for it. */
export type ToolsFiles = { readonly files: readonly RootFile[] } | { readonly lacks: string };

/**
 * iptables, tc and a shell of this machine, with the libraries and extensions that they need.
 * @throws CodedError NR-DOCKER-PROGRAM when it can't be told which those are
 */
export async function toolsFiles(clock: Clock): Promise<ToolsFiles> {
  const [shell, shaper] = [found("sh"), found("tc")];
  const filters = FILTERS.flatMap((name) => found(name) ?? []);
  if (shell === null) return { lacks: "there is no sh on this machine" };
  if (shaper === null) return { lacks: "there is no tc on this machine" };
  const [filter] = filters;
  if (filter === undefined) return { lacks: "there is no iptables on this machine" };
  const extensions = extensionsBeside(await librariesOf([filter], clock));
  if (extensions === null) return { lacks: "there are no extensions of iptables on this machine" };
  // Extensions need libraries of their own: statistic that of mathematics.
  const libraries = await librariesOf([shell, shaper, ...filters, ...extensions], clock);
  return {
    files: [
      program(shell, "/bin/sh"),
      ...[shaper, ...filters].map((file) => program(file, join("/usr/sbin", basename(file)))),
      ...extensions.map((file) => program(file, join(EXTENSIONS_FOLDER, basename(file)))),
      ...libraries,
    ],
  };
}

function program(file: string, path: string): RootFile {
  return { path, mode: 0o755, content: { file } };
}

function found(name: string): string | null {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

/** They are in a folder beside iptables' own library. Some systems name that by a link to below /usr, and they aren't. */
function extensionsBeside(libraries: readonly RootFile[]): readonly string[] | null {
  const own = libraries.find(({ path }) => path.includes("/libxtables.so"));
  if (!own) return null;
  const beside = join(dirname(own.path), "xtables");
  const candidates = [beside, join("/usr", beside)].map((folder) => EXTENSIONS.map((name) => join(folder, name)));
  return candidates.find((paths) => paths.every((path) => existsSync(path))) ?? null;
}
