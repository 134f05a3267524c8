import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { parseArgs } from "node:util";

const HELP = `scripts/test: every check and test that needs only this machine's processes

usage: scripts/test [--require compose,k8s,browser,deno,chroot,etcd,vitest] [--only TEXT] [--checks-only]

  --require LIST   also the tests that need these components; one that is missing, or has a check that did not run, is a
                   failure. Without it they are left out, and named
  --only TEXT      test files whose path contains TEXT, those that need components too where they are there, and no
                   static checks
  --checks-only    the static checks alone: format, lint, types, unused code

The last line is "N passed, N failed".`;

/** Components beyond this machine's processes: where their tests are, how to tell that they are there, how to get them. */
const COMPONENTS = {
  compose: { there: () => existsSync("/var/run/docker.sock"), get: "apt-get install docker.io, and start dockerd" },
  k8s: { there: () => existsSync("/run/nomos-run-k8s/kubeconfig"), get: "scripts/ci-provision" },
  browser: { there: () => existsSync("/usr/bin/chromium"), get: "apt-get install chromium" },
  etcd: { there: () => existsSync("/usr/bin/etcd"), get: "apt-get install etcd-server" },
  chroot: {
    there: () => process.getuid?.() === 0 && existsSync("/usr/sbin/chroot"),
    get: "run the tests as root on Linux, with chroot, mount and mknod",
  },
  vitest: {
    there: () => existsSync("examples/vitest/node_modules/.bin/vitest"),
    get: "npm ci --ignore-scripts --prefix examples/vitest",
  },
  deno: { there: () => existsSync("node_modules/@deno"), get: "npm ci on Linux x64" },
} as const;
type Component = keyof typeof COMPONENTS;

const { values } = parseArgs({
  options: {
    require: { type: "string", default: "" },
    only: { type: "string" },
    "checks-only": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

let passed = 0;
let failed = 0;

function check(name: string, command: string, args: readonly string[]): void {
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  const ok = status === 0;
  if (ok) passed += 1;
  else failed += 1;
  console.log(`${ok ? "ok  " : "FAIL"} ${name} (${((performance.now() - started) / 1_000).toFixed(1)} s)`);
  if (!ok) console.log(error ?? `${stdout}${stderr}`);
}

function staticChecks(): void {
  check("format", "node_modules/.bin/biome", ["check", "."]);
  check("lint", "node_modules/.bin/oxlint", ["--type-aware", "-f", "unix"]);
  check("types", "node_modules/.bin/tsc", ["-p", "."]);
  check("unused code", "node_modules/.bin/knip", ["--no-config-hints"]);
}

async function tests(files: readonly string[], concurrency: number): Promise<void> {
  if (files.length === 0) return;
  // Of a file: runs that the machine's host starved are done again, after a rest.
  const stream = run({ files: [...files], concurrency, timeout: 900_000 });
  stream.on("test:pass", ({ name, details, skip }) => {
    if (details.type === "suite") return;
    if (skip === undefined) {
      passed += 1;
      return;
    }
    // Where everything is required, what was left out is a failure.
    if (required.length > 0) failed += 1;
    console.log(`${required.length > 0 ? "FAIL" : "left out:"} ${name}: ${skip}`);
  });
  stream.on("test:fail", ({ details }) => {
    if (details.type !== "suite") failed += 1;
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  stream.once("end", resolve).once("error", reject);
  stream.compose(new spec()).pipe(process.stdout);
  await promise;
}

function componentTests(required: readonly string[]): string[] {
  return (Object.keys(COMPONENTS) as Component[]).flatMap((component) => {
    const files = globSync(`test/${component}/**/*.test.ts`);
    if (files.length === 0) return [];
    const there = COMPONENTS[component].there();
    if (there && (required.includes(component) || values.only !== undefined)) return files;
    const message = `${files.length} test files need ${component}`;
    if (there) {
      console.log(`left out: ${message}; to run them: scripts/test --require ${component}`);
    } else if (required.includes(component)) {
      failed += 1;
      console.log(`FAIL ${message}; to get it: ${COMPONENTS[component].get}`);
    } else {
      console.log(`left out: ${message}; to get it: ${COMPONENTS[component].get}`);
    }
    return [];
  });
}

const required = values.require.split(",").filter((name) => name !== "");
const unknown = required.filter((name) => !(name in COMPONENTS));
if (unknown.length > 0) {
  console.error(
    `scripts/test: no component is called ${unknown.join(", ")}; there are ${Object.keys(COMPONENTS).join(", ")}`,
  );
  process.exit(64);
}

// Each test file is a process that compiles the same sources.
process.env.NODE_COMPILE_CACHE ??= resolve("node_modules/.cache/compile");
const started = performance.now();
const needsComponent = (file: string) => Object.keys(COMPONENTS).some((name) => file.startsWith(`test/${name}/`));
if (values.only === undefined) staticChecks();
if (!values["checks-only"]) {
  const files = globSync("test/**/*.test.ts")
    .filter((file) => !needsComponent(file))
    .toSorted();
  const wanted = [...files, ...componentTests(required)];
  const only = values.only;
  const chosen = only === undefined ? wanted : wanted.filter((file) => file.includes(only));
  // Whole runs look at what is on the machine before and after, and are judged by the pace that they keep.
  const alone = (file: string) => /^test\/(run|chroot|deno|etcd|compose\/run)\//.test(file);
  await tests(
    chosen.filter((file) => !alone(file)),
    2,
  );
  await tests(chosen.filter(alone), 1);
}
console.log(`took ${((performance.now() - started) / 1_000).toFixed(0)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
