/** Goes into the executable: loads the program's parts, which are assets with V8's compiled code beside them. */
import { createRequire } from "node:module";
import { getAsset, getRawAsset } from "node:sea";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";

const builtin = createRequire(process.execPath);
const url = pathToFileURL(process.execPath).href;
const loaded = new Map();

/** The exports of a part. Nothing of it is read before the first call. */
export function loadPart(name) {
  let exports = loaded.get(name);
  if (!exports) {
    const script = new Script(getAsset(`${name}.js`, "utf8"), {
      filename: `nomos-run:${name}.js`,
      cachedData: new Uint8Array(getRawAsset(`${name}.cache`)),
    });
    const module = { exports: {} };
    script.runInThisContext()(module.exports, requireFromPart, module, url);
    exports = module.exports;
    loaded.set(name, exports);
  }
  return exports;
}

function requireFromPart(specifier) {
  return specifier.startsWith("part:") ? loadPart(specifier.slice("part:".length)) : builtin(specifier);
}
