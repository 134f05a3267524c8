import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

/** Marks the place in Node's binary where it looks for its application; fixed by Node. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/**
 * Puts the bundled program into a copy of the Node that runs this.
 * @param {{folder: string, main: string, parts: Map<string, string>, files: Map<string, string>}} options `folder` takes
 *   what comes about on the way; `files` are embedded as they are, by asset name and path
 * @returns {string} path of the executable
 */
export function makeExecutable({ folder, main, parts, files }) {
  const assets = Object.fromEntries(files);
  for (const [name, source] of parts) {
    for (const [asset, content] of [
      [`${name}.js`, source],
      [`${name}.cache`, codeCache(name, source)],
    ]) {
      assets[asset] = join(folder, asset);
      writeFileSync(assets[asset], content);
    }
  }
  writeFileSync(join(folder, "main.cjs"), main);
  const config = {
    // Its name is in stack traces.
    main: "main.cjs",
    output: "application.blob",
    assets,
    disableExperimentalSEAWarning: true,
    execArgv: ["--disable-warning=ExperimentalWarning"],
    // NODE_OPTIONS of the user's shell are meant for other programs.
    execArgvExtension: "none",
  };
  writeFileSync(join(folder, "sea.json"), JSON.stringify(config));
  const run = (...args) => execFileSync(process.execPath, args, { cwd: folder, stdio: "pipe" });
  run("--experimental-sea-config", "sea.json");

  const executable = join(folder, "nomos-run");
  copyFileSync(process.execPath, executable);
  chmodSync(executable, 0o755);
  const onMac = process.platform === "darwin";
  // Symbols are a sixth of Node's size. Without strip(1) the executable is larger and works the same.
  spawnSync("strip", onMac ? ["-x", executable] : ["-s", executable], { stdio: "ignore" });
  if (onMac) execFileSync("codesign", ["--remove-signature", executable]);
  const postject = fileURLToPath(import.meta.resolve("postject/dist/cli.js"));
  const segment = onMac ? ["--macho-segment-name", "NODE_SEA"] : [];
  // A process of its own, since it warns of the missing symbols on the console.
  run(postject, executable, "NODE_SEA_BLOB", "application.blob", "--sentinel-fuse", FUSE, ...segment);
  // Apple's processors run nothing that isn't signed.
  if (onMac) execFileSync("codesign", ["--sign", "-", executable]);
  return executable;
}

/** V8's compiled code of a part, with the functions that its loading runs. */
function codeCache(name, source) {
  const script = new Script(source, { filename: `nomos-run:${name}.js` });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(import.meta.url), module, import.meta.url);
  return script.createCachedData();
}
