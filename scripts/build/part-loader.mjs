/** Goes into the executable: loads the program's parts, which are assets with V8's compiled code beside them. */
import { createRequire } from "node:module";
import { getAsset, getAssetKeys, getRawAsset } from "node:sea";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";

const builtin = createRequire(process.execPath);
const url = pathToFileURL(process.execPath).href;
const caches = new Set(getAssetKeys().filter((key) => key.endsWith(".cache")));
const loaded = new Map();

/** The exports of a part. Nothing of it is read before the first call. */
export function loadPart(name) {
  const known = loaded.get(name);
  if (known) return known.exports;
  const cache = `${name}.cache`;
  const script = new Script(getAsset(name, "utf8"), {
    filename: `nomos-run:${name}`,
    // An executable that was made on another kind of machine has none.
    ...(caches.has(cache) ? { cachedData: new Uint8Array(getRawAsset(cache)) } : {}),
  });
  const module = { exports: {} };
  loaded.set(name, module);
  script.runInThisContext()(module.exports, requireFromPart, module, url);
  return module.exports;
}

function requireFromPart(specifier) {
  return specifier.startsWith("./") ? loadPart(specifier.slice("./".length)) : builtin(specifier);
}
