import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Marks the place in Node's binary where it looks for its application; fixed by Node. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

const CODE_CACHES = fileURLToPath(import.meta.resolve("./code-caches.mjs"));
const SEAL_CACHES = fileURLToPath(import.meta.resolve("./seal-caches.mjs"));
const POSTJECT = fileURLToPath(import.meta.resolve("postject/dist/cli.js"));

/**
 * Puts the bundled program into a copy of Node.
 * @param {object} options
 * @param {string} options.folder takes what comes about on the way
 * @param {import("./targets.mjs").Target} options.target
 * @param {string} options.node the Node that goes into the executable
 * @param {import("./bundle.mjs").Bundle} options.program
 * @param {string} options.scenario what is planned to find out which functions that takes
 * @param {Map<string, string>} options.files what is embedded as it is, by asset name and path
 * @returns {string} path of the executable
 */
export function makeExecutable({ folder, target, node, program, scenario, files }) {
  const run = (...args) => execFileSync(process.execPath, args, { cwd: folder, stdio: "pipe" });
  const { main, entry, commandLine, parts } = program;
  for (const [name, source] of parts) writeFileSync(join(folder, name), source);
  const assets = [...files, ...[...parts.keys()].map((name) => [name, name])];
  if (target.isHost) {
    // Compiled code is of one V8 on one kind of processor.
    run("--hash-seed=1", CODE_CACHES, entry, commandLine, scenario, ...parts.keys());
    run(SEAL_CACHES, ...parts.keys());
    for (const name of parts.keys()) assets.push([`${name}.cache`, `${name}.cache`]);
  }
  writeFileSync(join(folder, "main.cjs"), main);
  const config = {
    // Its name is in stack traces.
    main: "main.cjs",
    output: "application.blob",
    assets: Object.fromEntries(assets.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    disableExperimentalSEAWarning: true,
    execArgv: ["--disable-warning=ExperimentalWarning"],
    // NODE_OPTIONS of the user's shell are meant for other programs.
    execArgvExtension: "none",
  };
  writeFileSync(join(folder, "sea.json"), JSON.stringify(config));
  run("--experimental-sea-config", "sea.json");

  const executable = join(folder, "nomos-run");
  copyFileSync(node, executable);
  chmodSync(executable, 0o755);
  const onMac = target.platform === "darwin";
  // Symbols are a sixth of Node's size. Without strip(1) the executable is larger and works the same.
  spawnSync(target.strip, onMac ? ["-x", executable] : ["-s", executable], { stdio: "ignore" });
  if (onMac) execFileSync("codesign", ["--remove-signature", executable]);
  const segment = onMac ? ["--macho-segment-name", "NODE_SEA"] : [];
  // A process of its own, since it warns of the missing symbols on the console.
  run(POSTJECT, executable, "NODE_SEA_BLOB", "application.blob", "--sentinel-fuse", FUSE, ...segment);
  // Apple's processors run nothing that isn't signed.
  if (onMac) execFileSync("codesign", ["--sign", "-", executable]);
  return executable;
}
