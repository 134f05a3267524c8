import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { CodedError } from "../core/errors.ts";

/** Bytes that are read at once: in the usual 64 KiB a large file takes twice as long. */
const CHUNK_BYTES = 2 ** 20;

/**
 * SHA-256 of a file in hexadecimal.
 * @param expected what it must be
 * @throws CodedError NR-HOST-CHECKSUM
 */
export async function checkedDigest(path: string, expected: string | undefined): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) hash.update(chunk as Buffer);
  const sha256 = hash.digest("hex");
  if (expected === undefined || expected.toLowerCase() === sha256) return sha256;
  throw new CodedError("NR-HOST-CHECKSUM", `${path} has the SHA-256 ${sha256}, and ${expected} was expected`, {
    hint: "Somebody changed the file, or the checksum is of another one: find out which before you use it.",
  });
}
