/**
 * Builds `dist/nomos-run`, the single executable, from the Node that runs this file. Does nothing when no input has
 * changed since the last build.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./scripts/build/bundle.mjs";
import { makeExecutable } from "./scripts/build/executable.mjs";
import { inputDigest } from "./scripts/build/inputs.mjs";
import { withLock } from "./scripts/build/lock.mjs";

/** A build that takes longer than this says what it does. */
const SILENCE_MS = 2_000;

const root = import.meta.dirname;
const dist = join(root, "dist");
const executable = join(dist, "nomos-run");
const record = join(dist, "build.json");

function isBuiltFrom(inputs) {
  return existsSync(executable) && existsSync(record) && JSON.parse(readFileSync(record, "utf8")).inputs === inputs;
}

async function make(inputs) {
  const folder = mkdtempSync(join(dist, ".build-"));
  try {
    const buildId = inputs.slice(0, 12);
    const { main, parts, meta } = await bundle({ root, buildId });
    const esbuild = join(root, `node_modules/@esbuild/${process.platform}-${process.arch}/bin/esbuild`);
    const made = makeExecutable({ folder, main, parts, files: new Map([["esbuild", esbuild]]) });
    renameSync(made, executable);
    const loads = Object.fromEntries(Object.entries(meta).map(([name, { outputs }]) => [name, loadOf(outputs)]));
    writeFileSync(
      join(folder, "build.json"),
      JSON.stringify({ inputs, buildId, node: process.version, loads }, null, 2),
    );
    renameSync(join(folder, "build.json"), record);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What loading a bundle costs: its bytes, and which packages they are of. */
function loadOf(outputs) {
  const [output] = Object.values(outputs);
  const packages = {};
  for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "nomos-run";
    packages[name] = (packages[name] ?? 0) + bytesInOutput;
  }
  return { bytes: output.bytes, packages };
}

mkdirSync(dist, { recursive: true });
if (!isBuiltFrom(inputDigest(root))) {
  const notice = setTimeout(() => console.error("nomos-run: building the executable ..."), SILENCE_MS);
  await withLock(join(dist, ".build.lock"), async () => {
    // Somebody else may have built it meanwhile.
    const inputs = inputDigest(root);
    if (!isBuiltFrom(inputs)) await make(inputs);
  });
  clearTimeout(notice);
}
