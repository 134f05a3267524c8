/**
 * Run by the build in the folder of the parts, by a Node without flags, as the program's is: marks the compiled code as
 * made without flags too. The seed that it was made with counts as one, and makes no difference to what reads it: by
 * default every process has another. Fails when V8 doesn't take what it has marked.
 *
 * usage: node seal-caches.mjs PART...
 */
import { readFileSync, writeFileSync } from "node:fs";
import { Script } from "node:vm";

/** Where V8's SerializedCodeData has the hash of its flags. */
const [FLAGS_START, FLAGS_END] = [12, 16];

const own = new Script("0").createCachedData();
for (const name of process.argv.slice(2)) {
  const cachedData = readFileSync(`${name}.cache`);
  own.copy(cachedData, FLAGS_START, FLAGS_START, FLAGS_END);
  const { cachedDataRejected } = new Script(readFileSync(name, "utf8"), { filename: `nomos-run:${name}`, cachedData });
  if (cachedDataRejected) throw new Error(`V8 takes no compiled code of ${name} that was made with a seed`);
  writeFileSync(`${name}.cache`, cachedData);
}
