import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";

/** Where Debian keeps each target's C libraries: for its own programs, and for building and emulating another's. */
const FOLDERS = {
  "linux-x64": ["/lib/x86_64-linux-gnu", "/usr/x86_64-linux-gnu/lib"],
  "linux-arm64": ["/lib/aarch64-linux-gnu", "/usr/aarch64-linux-gnu/lib"],
};
/** Where a target's loader looks for them. */
const PLACES = { "linux-x64": "/lib/x86_64-linux-gnu", "linux-arm64": "/lib/aarch64-linux-gnu" };
const PACKAGES = {
  "linux-x64": "libc6-amd64-cross libstdc++6-amd64-cross",
  "linux-arm64": "libc6-arm64-cross libstdc++6-arm64-cross",
};

/**
 * The C libraries that a program needs, its loader among them, and what they are licensed under.
 * @param {{file: string, target: {name: string}}} options
 * @returns {import("../../lib/host/docker/root-files.ts").RootFile[]}
 */
export function librariesOf({ file, target }) {
  const loader = /program interpreter: (\S+?)\]/.exec(readelf("-l", file))?.[1];
  if (loader === undefined) throw new Error(`${file} names no loader`);
  const waiting = [basename(loader), ...neededBy(file)];
  const files = new Map();
  for (const name of waiting) {
    if (files.has(name)) continue;
    const library = locate(name, target);
    files.set(name, {
      path: name === basename(loader) ? loader : join(PLACES[target.name], name),
      mode: 0o755,
      content: { file: library },
    });
    waiting.push(...neededBy(library));
  }
  return [...files.values(), ...licencesOf([...files.values()])].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function neededBy(file) {
  return [...readelf("-d", file).matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name);
}

function readelf(what, file) {
  return execFileSync("readelf", ["-W", what, file], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
}

function locate(name, { name: target }) {
  const path = FOLDERS[target].map((folder) => join(folder, name)).find((candidate) => existsSync(candidate));
  if (path) return path;
  throw new Error(`there is no ${name} for ${target} here; Debian has it in ${PACKAGES[target]}`);
}

/** The copyright files of the Debian packages that these are of, and that of the certificates that every image has. */
function licencesOf(files) {
  const packages = new Set(files.map(({ content }) => packageOf(content.file)));
  if (existsSync("/usr/share/doc/ca-certificates")) packages.add("ca-certificates");
  return [...packages]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((name) => {
      const file = realpathSync(`/usr/share/doc/${name}/copyright`);
      return { path: `/usr/share/doc/${name}/copyright`, mode: 0o644, content: readFileSync(file, "utf8") };
    });
}

function packageOf(file) {
  // Packages of before the merge of /lib into /usr are known by the old path, the others by the new one.
  const path = realpathSync(file);
  for (const candidate of [path, path.replace(/^\/usr/, "")]) {
    try {
      return execFileSync("dpkg", ["-S", candidate], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
        .split(": ")[0]
        .replace(/:.*$/, "");
    } catch (error) {
      if (error.status !== 1) throw error;
    }
  }
  throw new Error(`no Debian package has ${file}: what it is licensed under is unknown`);
}
