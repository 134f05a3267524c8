import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { makeExecutable } from "./executable.mjs";
import { billOfMaterials, components, licences } from "./inventory.mjs";
import { makePackage } from "./npm-package.mjs";
import { lockOf, packageFolder } from "./packages.mjs";
import { RELEASED } from "./targets.mjs";

/** Packages whose declarations are embedded for editors. */
const DECLARED = ["@types/node", "undici-types", "valibot", "zx"];

/**
 * Makes everything that a release has, in `dist/release`: an executable and an image of it for each system, the npm
 * package, what is inside and under which licences, and the checksums of all.
 * @param {object} options
 * @param {string} options.root the checkout
 * @param {string} options.dist
 * @param {string} options.inputs digest of the inputs
 * @param {{commit: string | null, inputs: string}} options.stamp
 * @param {import("./bundle.mjs").Bundle} options.program
 * @param {string} options.types path of the packed declarations
 */
export async function makeRelease({ root, dist, inputs, stamp, program, types }) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const cache = join(dist, ".packages");
  // Only here: most builds make no image, and it loads a part of the program.
  const { makeImageArchive } = await import("./image-archive.mjs");
  const build = `${version} (${[stamp.commit ?? [], stamp.inputs].flat().join(", ")})`;
  const scenario = join(root, "scenarios/smoke.scenario.ts");
  const made = mkdtempSync(join(dist, ".release-"));
  const lab = mkdtempSync(join(dist, ".build-"));
  try {
    const folders = DECLARED.map((each) => packageFolder({ root, cache, name: each }));
    for (const target of RELEASED) {
      const nodeFolder = packageFolder({ root, cache, name: target.node });
      refuseOtherVersion(root, target);
      const esbuildFolder = packageFolder({ root, cache, name: `@esbuild/${target.name}` });
      folders.push(nodeFolder, esbuildFolder);
      const folder = join(lab, target.name);
      mkdirSync(folder);
      const files = new Map([
        ["esbuild", join(esbuildFolder, "bin/esbuild")],
        ["declarations.br", types],
      ]);
      const node = join(nodeFolder, "bin/node");
      const executable = join(made, `${name}-${version}-${target.name}`);
      renameSync(makeExecutable({ folder, target, node, program, scenario, files }), executable);
      await makeImageArchive({ path: join(made, imageArchive(target)), target, executable, build });
    }
    const built = await makePackage({ root, folder: join(lab, "npm"), stamp, types: readFileSync(types) });
    execFileSync("npm", ["pack", built, "--pack-destination", made], { stdio: "pipe" });

    const parts = components({ root, inputs: program.inputs, folders });
    const bill = billOfMaterials({ name, version, license, inputs, components: parts });
    writeFileSync(join(made, `${name}-${version}.cdx.json`), `${JSON.stringify(bill, null, 2)}\n`);
    writeFileSync(join(made, "LICENCES.txt"), licences(parts));
    writeFileSync(join(made, "SHA256SUMS"), checksums(made));
    rmSync(join(dist, "release"), { recursive: true, force: true });
    renameSync(made, join(dist, "release"));
    // Where a program that runs from this checkout looks for it.
    for (const target of RELEASED) {
      const beside = join(dist, imageArchive(target));
      rmSync(beside, { force: true });
      linkSync(join(dist, "release", imageArchive(target)), beside);
    }
  } finally {
    rmSync(made, { recursive: true, force: true });
    rmSync(lab, { recursive: true, force: true });
  }
}

/** What `build-image` looks for. */
function imageArchive({ name }) {
  return `nomos-run-image-${name}.tar`;
}

/** Node reads of its executable what the same version wrote. */
function refuseOtherVersion(root, { node }) {
  const { version } = lockOf(root, node);
  if (`v${version}` !== process.version) {
    throw new Error(`${node} is ${version}, and this is ${process.version}: a release needs the same of both`);
  }
}

/** As sha256sum(1) writes and reads them. */
function checksums(folder) {
  return readdirSync(folder)
    .toSorted()
    .map(
      (file) =>
        `${createHash("sha256")
          .update(readFileSync(join(folder, file)))
          .digest("hex")}  ${file}\n`,
    )
    .join("");
}
