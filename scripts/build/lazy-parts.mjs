import { join, resolve } from "node:path";

/**
 * An esbuild plugin that turns imports of some modules into objects that load the module's part when something of it is
 * first used.
 * @param {object} options
 * @param {string} options.root the checkout
 * @param {Record<string, string>} options.packages by part
 * @param {Record<string, string>} options.modules of ours, by part
 * @param {string[]} options.builtins modules of Node
 */
export async function lazyParts({ root, packages, modules, builtins }) {
  const names = new Map();
  const parts = new Map();
  const add = async (part, module) => {
    parts.set(module, part);
    names.set(part, exportsOf(await import(module)));
  };
  for (const [part, name] of Object.entries(packages)) await add(part, name);
  for (const [part, path] of Object.entries(modules)) await add(part, join(root, path));
  for (const name of builtins) await add(name, name);
  const isOurs = (part) => !builtins.includes(part);
  return {
    name: "lazy parts",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/, namespace: "lazy" }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /.*/ }, ({ kind, path, resolveDir }) => {
        if (kind === "entry-point") return undefined;
        const part = parts.get(path.startsWith(".") ? resolve(resolveDir, path) : path);
        return part && { path: part, namespace: "lazy" };
      });
      onLoad({ filter: /.*/, namespace: "lazy" }, ({ path: part }) => {
        const contents = [
          "Object.defineProperty(exports, '__esModule', { value: true });",
          `const part = () => require(${JSON.stringify(isOurs(part) ? `./${part}.js` : part)});`,
          `for (const name of ${JSON.stringify(names.get(part))})`,
          "  Object.defineProperty(exports, name, { enumerable: true, get: () => part()[name] });",
        ];
        return { contents: contents.join("\n") };
      });
    },
  };
}

/** Names that a module exports; what Node adds to those of a CommonJS module is none. */
function exportsOf(module) {
  return Object.keys(module).filter((name) => name !== "__esModule" && name !== "module.exports");
}
