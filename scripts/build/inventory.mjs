import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Component
 * @property {string} name of the npm package
 * @property {string} version
 * @property {string} license as its package.json has it, an SPDX expression
 * @property {string | undefined} integrity SHA-512 of its package, as package-lock.json has it
 * @property {string[]} texts its licence files
 */

/**
 * The packages that are inside an executable.
 * @param {object} options
 * @param {string} options.root the checkout
 * @param {string[]} options.inputs paths of all files that were bundled
 * @param {string[]} options.folders of packages that are embedded otherwise
 * @returns {Component[]} sorted by name
 */
export function components({ root, inputs, folders }) {
  const bundled = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  const all = new Set([...bundled.map((path) => join(root, path)), ...folders]);
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  return [...all]
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const locked = Object.entries(packages).find(
        ([path, each]) => path.endsWith(`node_modules/${name}`) && each.version === version,
      );
      return { name, version, license, integrity: locked?.[1].integrity, texts: licenceTexts(folder) };
    })
    .toSorted((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

function licenceTexts(folder) {
  return readdirSync(folder)
    .filter((name) => /^(licen[cs]e|copying|notice)/i.test(name))
    .toSorted()
    .map((name) => readFileSync(join(folder, name), "utf8"));
}

/**
 * A CycloneDX 1.6 bill of materials. It holds no time and no random number, so that equal builds have equal ones.
 * @param {{name: string, version: string, license: string, inputs: string, components: Component[]}} program
 */
export function billOfMaterials({ name, version, license, inputs, components: parts }) {
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(inputs)}`,
    version: 1,
    metadata: {
      component: { type: "application", "bom-ref": name, name, version, licenses: [{ expression: license }] },
    },
    components: parts.map((part) => ({
      type: "library",
      "bom-ref": purlOf(part),
      name: part.name,
      version: part.version,
      ...(part.integrity === undefined
        ? {}
        : { hashes: [{ alg: "SHA-512", content: Buffer.from(part.integrity.slice(7), "base64").toString("hex") }] }),
      licenses: [{ expression: part.license }],
      purl: purlOf(part),
    })),
    dependencies: [{ ref: name, dependsOn: parts.map(purlOf) }],
  };
}

/** The licences of all that is inside, one after the other. */
export function licences(parts) {
  const rule = "=".repeat(100);
  return parts
    .map(({ name, version, license, texts }) => {
      const text = texts.length === 0 ? `Its package holds no licence text; it says ${license}.` : texts.join("\n\n");
      return `${rule}\n${name} ${version} (${license})\n${rule}\n\n${text.trim()}\n`;
    })
    .join("\n");
}

/** https://github.com/package-url/purl-spec */
function purlOf({ name, version }) {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** A digest as a UUID of version 8, whose bits are the maker's own (RFC 9562). */
function uuidOf(digest) {
  const hex = digest.slice(0, 12).padEnd(12, "0") + "8" + digest.slice(13, 16) + "8" + digest.slice(17, 32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
