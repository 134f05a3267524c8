/**
 * Run by the build in a process of its own, in the folder of the parts: writes V8's compiled code of each part beside it,
 * with the functions that loading the parts and planning a scenario runs. The entry is compiled only: it would start
 * the program. Run with --hash-seed, since the order of V8's tables is in what it writes: equal parts give equal code.
 *
 * usage: node --hash-seed=1 code-caches.mjs ENTRY COMMAND_LINE SCENARIO PART...
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Script } from "node:vm";

const [entry, commandLine, scenario, ...names] = process.argv.slice(2);
const builtin = createRequire(import.meta.url);
// The program is to take the ways here that it takes in the executable.
builtin("node:sea").isSea = () => true;
const loaded = new Map();

function load(name) {
  const known = loaded.get(name);
  if (known) return known.module.exports;
  const script = new Script(readFileSync(name, "utf8"), { filename: `nomos-run:${name}` });
  const module = { exports: {} };
  loaded.set(name, { script, module });
  const require = (specifier) => (specifier.startsWith("./") ? load(specifier.slice("./".length)) : builtin(specifier));
  if (name !== entry) script.runInThisContext()(module.exports, require, module, import.meta.url);
  return module.exports;
}

for (const name of names) load(name);
const code = await load(commandLine).main(["plan", scenario, "--seed", "0"]);
if (code !== 0) throw new Error(`planning ${scenario} ended with ${code}`);
for (const [name, { script }] of loaded) writeFileSync(`${name}.cache`, script.createCachedData());
