import { createReadStream, existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Clock } from "../../core/clock.ts";
import { CodedError } from "../../core/errors.ts";
import { askTool } from "../ask-tool.ts";
import { linuxProgram } from "../elf.ts";
import { checkedDigest } from "../file-digest.ts";

/** Something in an image. Its content is a file of this machine or given. */
export interface RootFile {
  /** Absolute path in the image. */
  readonly path: string;
  readonly mode: number;
  readonly content: { readonly file: string } | string;
}

/** Whom nodes run as: nobody that any machine knows. */
export const IMAGE_USER = 65_532;
/** The folder that a node works in. */
export const IMAGE_HOME = "/node";

const LDD_MS = 10_000;
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/**
 * Everything that a program for this machine's Linux needs to run in an image that has nothing else: itself, the C
 * libraries that `ldd` names, certificates of authorities, a user, a folder for what is temporary.
 * @param program path of the executable, and where it is to be in the image
 * @throws CodedError NR-DOCKER-PROGRAM when this machine can't tell what the program needs
 */
export async function rootFilesOf(
  program: { readonly file: string; readonly path: string },
  clock: Clock,
): Promise<readonly RootFile[]> {
  const libraries = await librariesOf([program.file], clock);
  return rootFiles([{ path: program.path, mode: 0o755, content: { file: program.file } }, ...libraries]);
}

/** These files, and what else an image has that has nothing: certificates of authorities and a user. */
export function rootFiles(own: readonly RootFile[]): readonly RootFile[] {
  return [
    ...own,
    ...(existsSync(CERTIFICATES) ? [{ path: CERTIFICATES, mode: 0o644, content: { file: CERTIFICATES } }] : []),
    { path: "/etc/passwd", mode: 0o644, content: `nomos:x:${IMAGE_USER}:${IMAGE_USER}::${IMAGE_HOME}:/\n` },
    { path: "/etc/group", mode: 0o644, content: `nomos:x:${IMAGE_USER}:\n` },
  ];
}

/**
 * The C libraries that `ldd` names for programs of this machine's Linux, each where it is here.
 * @throws CodedError NR-DOCKER-PROGRAM
 */
export async function librariesOf(programs: readonly string[], clock: Clock): Promise<readonly RootFile[]> {
  const named = await Promise.all(programs.map((file) => libraryPaths(file, clock)));
  const paths = [...new Set(named.flat())].toSorted();
  return paths.map((path) => ({ path, mode: 0o755, content: { file: path } }));
}

/** A digest of what is in each file, in order; equal for equal images. */
export async function digestOf(files: readonly RootFile[]): Promise<readonly string[]> {
  return await Promise.all(
    files.map(async ({ path, mode, content }) => {
      const what = typeof content === "string" ? content : await fileDigest(content.file);
      return `${path} ${mode} ${what}`;
    }),
  );
}

/** By a file's identity and time: a program that deploys again and again reads the same hundred megabytes each time. */
const known = new Map<string, Promise<string>>();

async function fileDigest(file: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
  const key = [file, dev, ino, size, mtimeNs, ctimeNs].join(" ");
  const digest = known.get(key) ?? checkedDigest(file, undefined);
  known.set(key, digest);
  digest.catch(() => known.delete(key)); // Its caller is told; the next one tries again.
  return await digest;
}

/** Size and bytes of a file's content. */
export async function contentOf({ content }: RootFile): Promise<{ size: number; bytes: AsyncIterable<Uint8Array> }> {
  if (typeof content !== "string") {
    return { size: (await stat(content.file)).size, bytes: createReadStream(content.file) };
  }
  const text = new TextEncoder().encode(content);
  const bytes = (async function* () {
    yield text;
  })();
  return { size: text.length, bytes };
}

async function libraryPaths(file: string, clock: Clock): Promise<readonly string[]> {
  const program = await linuxProgram(file);
  if (program && !program.dynamic) return [];
  const answer = await askTool("ldd", [file], {
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    clock,
    timeoutMs: LDD_MS,
  });
  const lines = answer?.code === 0 ? answer.stdout.split("\n") : [];
  const lost = lines.find((line) => line.includes("not found"));
  if (answer?.code !== 0 || lost !== undefined) {
    const why = lost?.trim() ?? (answer?.stderr.trim() || "ldd doesn't end");
    throw new CodedError("NR-DOCKER-PROGRAM", `can't tell which C libraries ${file} needs: ${why}`, {
      hint: "An image is made from a Linux executable on a Linux machine of its kind.",
    });
  }
  // `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x...)`, and the loader alone as `/lib64/ld-linux-x86-64.so.2 (0x...)`.
  return lines.flatMap((line) => /(?:=> |^\s*)(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}
