import { posix } from "node:path";
import { Header } from "tar";
import { CodedError } from "../../core/errors.ts";

/** Bytes of a tar's blocks. */
const BLOCK = 512;

/** An entry of a tar that is made on the way. */
export interface TarEntry {
  /** Without a leading slash; a folder's ends with one. */
  readonly path: string;
  readonly mode: number;
  /** User and group. */
  readonly owner: number;
  readonly size: number;
  readonly bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Entries of files that everyone can read, each after the folders that it is in. */
export function* fileEntries(
  files: readonly { readonly path: string; readonly content: string | Uint8Array }[],
  owner: number,
): Generator<TarEntry> {
  const made = new Set<string>();
  for (const { path, content } of files) {
    const parts = posix.dirname(path).split("/");
    for (const folder of parts.map((_, i) => `${parts.slice(0, i + 1).join("/")}/`)) {
      if (folder !== "./" && !made.has(folder)) yield { path: folder, mode: 0o755, owner, size: 0, bytes: [] };
      made.add(folder);
    }
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    yield { path, mode: 0o644, owner, size: bytes.length, bytes: [bytes] };
  }
}

/** A tar of these entries, without any time of day: the same entries give the same bytes. */
export async function* tarOf(entries: AsyncIterable<TarEntry> | Iterable<TarEntry>): AsyncGenerator<Uint8Array> {
  for await (const { path, mode, owner, size, bytes } of entries) {
    const type = path.endsWith("/") ? "Directory" : "File";
    const header = new Header({ path, mode, uid: owner, gid: owner, size, mtime: new Date(0), type });
    // Nothing here has names of more than 255 bytes or of other letters than ASCII's, which need a header before the header.
    if (header.encode() || !header.block)
      throw new CodedError("NR-HOST-ARCHIVE", `${path} is no name for a tar's entry`);
    yield header.block;
    yield* bytes;
    if (size % BLOCK > 0) yield new Uint8Array(BLOCK - (size % BLOCK));
  }
  yield new Uint8Array(2 * BLOCK);
}
