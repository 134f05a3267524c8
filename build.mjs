/**
 * Builds `dist/nomos-run`, the single executable, from the Node that runs this file. Does nothing when no input has
 * changed since the last build. With --npm it makes the npm package instead, in `dist/npm/package`; with --all a release,
 * in `dist/release`.
 *
 * usage: node build.mjs [--npm | --all]
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { bundle } from "./scripts/build/bundle.mjs";
import { declarations, packedDeclarations } from "./scripts/build/declarations.mjs";
import { makeExecutable } from "./scripts/build/executable.mjs";
import { inputDigest } from "./scripts/build/inputs.mjs";
import { withLock } from "./scripts/build/lock.mjs";
import { makePackage } from "./scripts/build/npm-package.mjs";
import { makeRelease } from "./scripts/build/release.mjs";
import { buildStamp } from "./scripts/build/stamp.mjs";
import { hostTarget } from "./scripts/build/targets.mjs";

/** A build that takes longer than this says what it does. */
const SILENCE_MS = 2_000;

const root = import.meta.dirname;
const dist = join(root, "dist");
const executable = join(dist, "nomos-run");
const record = join(dist, "build.json");

const { values: wants } = parseArgs({
  options: { npm: { type: "boolean", default: false }, all: { type: "boolean", default: false } },
});

function isBuilt({ inputs, stamp }) {
  if (!existsSync(executable) || !existsSync(record)) return false;
  const built = JSON.parse(readFileSync(record, "utf8"));
  return built.inputs === inputs && isDeepStrictEqual(built.stamp, stamp);
}

function wantedBuild() {
  const inputs = inputDigest(root);
  return { inputs, stamp: buildStamp(root, inputs) };
}

/** Writes the packed declarations into `folder`, and where the program looks for them when it runs from source. */
async function packDeclarations(folder) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const path = join(folder, "declarations.br");
  writeFileSync(path, packedDeclarations(await declarations({ root, folder, version })));
  copyFileSync(path, join(folder, "copy"));
  renameSync(join(folder, "copy"), join(dist, "declarations.br"));
  return path;
}

async function makeForThisMachine(folder, { inputs, stamp }) {
  const target = hostTarget();
  const [program, types] = await Promise.all([bundle({ root, stamp }), packDeclarations(folder)]);
  const files = new Map([
    ["esbuild", join(root, `node_modules/@esbuild/${target.name}/bin/esbuild`)],
    ["declarations.br", types],
  ]);
  const scenario = join(root, "scenarios/smoke.scenario.ts");
  const made = makeExecutable({ folder, target, node: process.execPath, program, scenario, files });
  renameSync(made, executable);
  const built = { inputs, stamp, node: process.version, loads: program.loads };
  writeFileSync(join(folder, "build.json"), JSON.stringify(built, null, 2));
  renameSync(join(folder, "build.json"), record);
}

async function make(wanted) {
  const folder = mkdtempSync(join(dist, ".build-"));
  try {
    if (wants.all) {
      const [program, types] = await Promise.all([bundle({ root, stamp: wanted.stamp }), packDeclarations(folder)]);
      await makeRelease({ root, dist, ...wanted, program, types });
    } else if (wants.npm) {
      const types = readFileSync(await packDeclarations(folder));
      await makePackage({ root, folder: join(folder, "npm"), stamp: wanted.stamp, types });
      rmSync(join(dist, "npm"), { recursive: true, force: true });
      renameSync(join(folder, "npm"), join(dist, "npm"));
    } else await makeForThisMachine(folder, wanted);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const always = wants.all || wants.npm;
mkdirSync(dist, { recursive: true });
if (always || !isBuilt(wantedBuild())) {
  const what = wants.all ? "a release" : wants.npm ? "the npm package" : "the executable";
  const notice = setTimeout(() => console.error(`nomos-run: building ${what} ...`), SILENCE_MS);
  try {
    await withLock(join(dist, ".build.lock"), async () => {
      // Somebody else may have built it meanwhile.
      const wanted = wantedBuild();
      if (always || !isBuilt(wanted)) await make(wanted);
    });
  } finally {
    clearTimeout(notice);
  }
}
