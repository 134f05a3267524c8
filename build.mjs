/**
 * Builds `dist/nomos-run`, the single executable, from the Node that runs this file. Does nothing when no input has
 * changed since the last build.
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
import { isDeepStrictEqual } from "node:util";
import { bundle } from "./scripts/build/bundle.mjs";
import { declarations, packedDeclarations } from "./scripts/build/declarations.mjs";
import { makeExecutable } from "./scripts/build/executable.mjs";
import { inputDigest } from "./scripts/build/inputs.mjs";
import { withLock } from "./scripts/build/lock.mjs";
import { buildStamp } from "./scripts/build/stamp.mjs";
import { hostTarget } from "./scripts/build/targets.mjs";

/** A build that takes longer than this says what it does. */
const SILENCE_MS = 2_000;

const root = import.meta.dirname;
const dist = join(root, "dist");
const executable = join(dist, "nomos-run");
const record = join(dist, "build.json");

function isBuilt({ inputs, stamp }) {
  if (!existsSync(executable) || !existsSync(record)) return false;
  const built = JSON.parse(readFileSync(record, "utf8"));
  return built.inputs === inputs && isDeepStrictEqual(built.stamp, stamp);
}

function wantedBuild() {
  const inputs = inputDigest(root);
  return { inputs, stamp: buildStamp(root, inputs) };
}

async function make({ inputs, stamp }) {
  const folder = mkdtempSync(join(dist, ".build-"));
  try {
    const target = hostTarget();
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const [program, types] = await Promise.all([
      bundle({ root, stamp }),
      declarations({ root, folder, version }).then(packedDeclarations),
    ]);
    // Where the program looks for them when it runs from source.
    writeFileSync(join(folder, "declarations.br"), types);
    copyFileSync(join(folder, "declarations.br"), join(dist, "declarations.br"));
    const esbuild = join(root, `node_modules/@esbuild/${target.name}/bin/esbuild`);
    const files = new Map([
      ["esbuild", esbuild],
      ["declarations.br", join(folder, "declarations.br")],
    ]);
    const scenario = join(root, "scenarios/smoke.scenario.ts");
    const made = makeExecutable({ folder, target, node: process.execPath, program, scenario, files });
    renameSync(made, executable);
    writeFileSync(
      join(folder, "build.json"),
      JSON.stringify({ inputs, stamp, node: process.version, loads: program.loads }, null, 2),
    );
    renameSync(join(folder, "build.json"), record);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

mkdirSync(dist, { recursive: true });
if (!isBuilt(wantedBuild())) {
  const notice = setTimeout(() => console.error("nomos-run: building the executable ..."), SILENCE_MS);
  await withLock(join(dist, ".build.lock"), async () => {
    // Somebody else may have built it meanwhile.
    const wanted = wantedBuild();
    if (!isBuilt(wanted)) await make(wanted);
  });
  clearTimeout(notice);
}
