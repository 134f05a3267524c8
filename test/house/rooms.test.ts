import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import test from "node:test";
import { parseSync } from "oxc-parser";
import { ROOMS } from "./rooms.ts";

interface Import {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const source = readFileSync(file, "utf8");
  const { module } = parseSync(file, source);
  const line = (offset: number) => source.slice(0, offset).split("\n").length;
  const statics = module.staticImports.map((entry) => ({
    file,
    line: line(entry.start),
    specifier: entry.moduleRequest.value,
    typeOnly: entry.entries.length > 0 && entry.entries.every(({ isType }) => isType),
  }));
  const reexports = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap((entry) =>
      entry.moduleRequest
        ? [{ file, line: line(entry.start), specifier: entry.moduleRequest.value, typeOnly: entry.isType }]
        : [],
    ),
  );
  const dynamics = module.dynamicImports.flatMap(({ start, moduleRequest }) => {
    const specifier = /^["'](.*)["']$/.exec(source.slice(moduleRequest.start, moduleRequest.end))?.[1];
    return specifier ? [{ file, line: line(start), specifier, typeOnly: false }] : [];
  });
  return [...statics, ...reexports, ...dynamics];
}

function roomOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function violation({ file, specifier, typeOnly }: Import): string | undefined {
  const room = ROOMS.find(({ name }) => name === roomOf(file));
  if (!room) return "is in no room";
  if (specifier.startsWith("node:")) {
    return room.pure && !typeOnly && !room.pure.includes(specifier) ? "is outside the pure rooms" : undefined;
  }
  if (specifier.startsWith(".")) {
    if (!specifier.endsWith(".ts")) return "has no .ts extension";
    const target = roomOf(posix.join(posix.dirname(file), specifier));
    const order = (name: string) => ROOMS.findIndex((candidate) => candidate.name === name);
    return order(target) >= 0 && order(target) <= order(room.name) ? undefined : "is a room further down";
  }
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  if (room.packages?.includes(name)) return undefined;
  return "is not among the room's packages";
}

const files = globSync("lib/*/**/*.ts").map((file) => file.split("\\").join("/"));

test("each room imports from itself, rooms before it, and its own packages only", () => {
  assert.ok(files.length > 50, "found the sources");
  const violations = files.flatMap((file) =>
    importsOf(file).flatMap((entry) => {
      const why = violation(entry);
      return why ? [`${entry.file}:${entry.line} imports ${entry.specifier}, which ${why}`] : [];
    }),
  );
  assert.deepEqual(violations, []);
});

test("every package that a room may use is used by it", () => {
  for (const room of ROOMS) {
    const used = new Set(
      files
        .filter((file) => roomOf(file) === room.name)
        .flatMap((file) => importsOf(file).map((entry) => entry.specifier)),
    );
    const unused = (room.packages ?? []).filter(
      (name) => ![...used].some((s) => s === name || s.startsWith(`${name}/`)),
    );
    assert.deepEqual(unused, [], `room ${room.name}`);
  }
});

test("no file is over 400 lines, and few are over 300", () => {
  const lengths = files.map((file) => ({ file, lines: readFileSync(file, "utf8").split("\n").length }));
  assert.deepEqual(
    lengths.filter(({ lines }) => lines > 400),
    [],
  );
});

test("no room hides its files behind a barrel", () => {
  const barrels = files.filter((file) => file.endsWith("/index.ts"));
  assert.deepEqual(barrels, []);
});
