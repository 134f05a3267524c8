import type { CodedError } from "../../lib/core/errors.ts";

/** A plan whose name is `NAME`, an expression. */
export const planNamed = (name: string) =>
  `scenario(${name}).topologyWith((t) => t.networkStar().validators(3)).build()`;
export const IMPORT = 'import { scenario } from "nomos-run";';

export type Files = Readonly<Record<string, string>>;

/** What a scenario can be written with; each of these is loaded and its plan is called "good". */
export const FEATURES: Readonly<Record<string, Files>> = {
  "types, satisfies and generics": {
    "a.scenario.ts": `${IMPORT}
import type { WrittenPlan } from "nomos-run";
interface Named { readonly name: string }
function nameOf<T extends Named>(named: T): string { return named.name; }
const plan: WrittenPlan = ${planNamed('nameOf({ name: "good" } satisfies Named)')};
export default plan;`,
  },
  "a package.json that says commonjs beside it, as npm init writes it": {
    "package.json": '{"type":"commonjs"}',
    "a.scenario.ts": `${IMPORT} export default ${planNamed('"good"')};`,
  },
  "an import with .ts": {
    "a.scenario.ts": `${IMPORT} import { name } from "./lib/name.ts"; export default ${planNamed("name")};`,
    "lib/name.ts": 'export const name: string = "good";',
  },
  "an import without extension, of a file that imports .js for .ts": {
    "a.scenario.ts": `${IMPORT} import { name } from "./lib/name"; export default ${planNamed("name")};`,
    "lib/name.ts": 'export * from "./deeper.js";',
    "lib/deeper.ts": 'export const name: string = "good";',
  },
  "an import of a folder with an index.ts": {
    "a.scenario.ts": `${IMPORT} import { name } from "./lib"; export default ${planNamed("name")};`,
    "lib/index.ts": 'export const name: string = "good";',
  },
  "an import of a real .js": {
    "a.scenario.ts": `${IMPORT} import { name } from "./name.js"; export default ${planNamed("name")};`,
    "name.js": 'export const name = "good";',
    "package.json": '{"type":"module"}',
  },
  "an import cycle": {
    "a.scenario.ts": `${IMPORT} import { name } from "./b.ts"; export const self = 1; export default ${planNamed("name()")};`,
    "b.ts": 'import { self } from "./a.scenario.ts"; export const name = () => (self === 1 ? "good" : "bad");',
  },
  "top-level await and a dynamic import": {
    "a.scenario.ts": `${IMPORT} const { name } = await import("./name.ts"); export default ${planNamed("name")};`,
    "name.ts": 'export const name: string = await Promise.resolve("good");',
  },
  "JSON and a node: module": {
    "a.scenario.ts": `${IMPORT} import data from "./data.json" with { type: "json" };
import { join } from "node:path";
export default ${planNamed('join(data.name, "")')};`,
    "data.json": '{"name":"good"}',
  },
  "a package beside it, ESM and CommonJS, that imports nomos-run": {
    "a.scenario.ts": `${IMPORT} import { plan } from "esm-pieces"; import { name } from "cjs-pieces"; export default plan(name);`,
    "node_modules/esm-pieces/package.json": '{"name":"esm-pieces","type":"module","exports":"./index.js"}',
    "node_modules/esm-pieces/index.js": `${IMPORT} export const plan = (name) => ${planNamed("name")};`,
    "node_modules/cjs-pieces/package.json": '{"name":"cjs-pieces","main":"index.js"}',
    "node_modules/cjs-pieces/index.js": 'exports.name = "good";',
  },
  "import.meta": {
    "a.scenario.ts": `${IMPORT} import { readFileSync } from "node:fs"; import { join } from "node:path";
const name = readFileSync(join(import.meta.dirname, "name.txt"), "utf8");
export default ${planNamed('import.meta.filename.endsWith("a.scenario.ts") ? name : "bad"')};`,
    "name.txt": "good",
  },
  enum: {
    "a.scenario.ts": `${IMPORT} enum Name { Good = "good" } export default ${planNamed("Name.Good")};`,
  },
  "a parameter property and a namespace": {
    "a.scenario.ts": `${IMPORT} namespace Names { export const good = "good"; }
class Named { constructor(readonly name: string) {} }
export default ${planNamed("new Named(Names.good).name")};`,
  },
  "a decorator": {
    "a.scenario.ts": `${IMPORT}
let name = "bad";
function mark(_: unknown, context: { name?: string }) { name = context.name === "Good" ? "good" : "bad"; }
@mark
class Good {}
export default ${planNamed("Good ? name : name")};`,
  },
  "a decorator as TypeScript had them before the standard, where tsconfig.json asks for it": {
    "tsconfig.json": '{ "compilerOptions": { /* ours */ "experimentalDecorators": true } }',
    "a.scenario.ts": `${IMPORT}
let name = "bad";
function mark(target: unknown, key?: unknown) { name = typeof target === "function" && key === undefined ? "good" : "bad"; }
@mark
class Good {}
export default ${planNamed("Good ? name : name")};`,
  },
  "documentation with tags, which look like decorators": {
    "a.scenario.ts": `${IMPORT}
/**
 * Not a decorator.
 * @param n nor this
 */
export function f(n: number): number { return n; } // @ts-check
export default ${planNamed('f(1) === 1 ? "good" : "bad"')};`,
  },
  "text that looks like a decorator": {
    "a.scenario.ts": `${IMPORT} const text = " @good ".trim(); export default ${planNamed("text.slice(1)")};`,
  },
};

/** `FOLDER` stands for the case's folder. */
export interface Refusal {
  readonly files: Files;
  readonly written?: string;
  readonly code: CodedError["code"];
  readonly message: string;
  readonly at?: string;
  readonly excerpt?: string;
  readonly hint?: string;
}

export const REFUSALS: Readonly<Record<string, Refusal>> = {
  "a file that isn't there": {
    files: { "chaos.scenario.ts": "", "smoke.scenario.ts": "" },
    written: "caos.scenario.ts",
    code: "NR-HOST-SCENARIO-FILE",
    message: "there is no file caos.scenario.ts",
    hint: "The nearest in FOLDER is chaos.scenario.ts.",
  },
  "a file that isn't there, nor another": {
    files: { "README.md": "" },
    code: "NR-HOST-SCENARIO-FILE",
    message: "there is no file a.scenario.ts",
    hint: "There is no *.scenario.ts file in FOLDER.",
  },
  "a file in a folder that isn't there": {
    files: { "README.md": "" },
    written: "no/a.scenario.ts",
    code: "NR-HOST-SCENARIO-FILE",
    message: "there is no file no/a.scenario.ts",
    hint: "There is no *.scenario.ts file in FOLDER/no.",
  },
  "a folder": {
    files: { "s/one.scenario.ts": "", "s/two.scenario.ts": "" },
    written: "s",
    code: "NR-HOST-SCENARIO-FILE",
    message: "s is a folder",
    hint: "Name one of its files: one.scenario.ts, two.scenario.ts.",
  },
  "a folder without scenarios": {
    files: { "s/README.md": "" },
    written: "s",
    code: "NR-HOST-SCENARIO-FILE",
    message: "s is a folder",
    hint: "It holds no *.scenario.ts file.",
  },
  "a syntax error": {
    files: { "a.scenario.ts": `${IMPORT}\n\nconst x: = 2;\n` },
    code: "NR-HOST-SCENARIO-SYNTAX",
    message:
      "Unexpected token `=`. Expected an identifier, void, yield, null, await, break, a string literal, a numeric literal, true, false, `, -, import, this, typeof, {, [, (",
    at: "FOLDER/a.scenario.ts:3:10",
    excerpt: "3 | const x: = 2;\n  |          ^",
    hint: "Correct the file; an editor with TypeScript marks the place.",
  },
  "a syntax error in a file that it imports": {
    files: { "a.scenario.ts": 'import "./b.ts";', "b.ts": "export const a = 1;\nreturn;\n" },
    code: "NR-HOST-SCENARIO-SYNTAX",
    message: "Return statement is not allowed here",
    at: "FOLDER/b.ts:2:1",
    excerpt: "2 | return;\n  | ^",
    hint: "Correct the file; an editor with TypeScript marks the place.",
  },
  "a name that is declared twice, which only the engine refuses": {
    files: { "a.scenario.ts": 'import "./b.ts";', "b.ts": "const a: number = 1;\n\nconst a = 2;\n" },
    code: "NR-HOST-SCENARIO-SYNTAX",
    message: 'The symbol "a" has already been declared',
    at: "FOLDER/b.ts:3:7",
    excerpt: "3 | const a = 2;\n  |       ^",
    hint: "Correct the file; an editor with TypeScript marks the place.",
  },
  "a syntax error beside a decorator": {
    files: { "a.scenario.ts": "\n@mark\nclass A {\n  x: = 1;\n}\n" },
    code: "NR-HOST-SCENARIO-SYNTAX",
    message: 'Unexpected "="',
    at: "FOLDER/a.scenario.ts:4:6",
    excerpt: "4 |   x: = 1;\n  |      ^",
    hint: "Correct the file; an editor with TypeScript marks the place.",
  },
  "an import of a file that isn't there": {
    files: { "a.scenario.ts": `${IMPORT}\nimport { x } from "./helpr.ts";\n`, "helper.ts": "" },
    code: "NR-HOST-SCENARIO-IMPORT",
    message: 'there is no module "./helpr.ts"',
    at: "FOLDER/a.scenario.ts:2",
    hint: "The nearest in FOLDER is helper.ts.",
  },
  "an import from a folder that isn't there": {
    files: { "a.scenario.ts": "import '../no/helper.ts';\n" },
    code: "NR-HOST-SCENARIO-IMPORT",
    message: 'there is no module "../no/helper.ts"',
    at: "FOLDER/a.scenario.ts:1",
    hint: "There is no folder LAB/no.",
  },
  "an import of a package that isn't installed": {
    files: { "a.scenario.ts": `${IMPORT}\n\nimport pad from "@left/pad/deep";\n` },
    code: "NR-HOST-SCENARIO-IMPORT",
    message: 'there is no module "@left/pad/deep"',
    at: "FOLDER/a.scenario.ts:3",
    hint: "Install it beside the scenario: npm install @left/pad.",
  },
  "an import of a name that nomos-run doesn't have": {
    files: { "a.scenario.ts": '\nimport { scenaro } from "nomos-run";\nscenaro;' },
    code: "NR-HOST-SCENARIO-IMPORT",
    message: "nomos-run exports no scenaro",
    at: "FOLDER/a.scenario.ts:2",
    hint: 'The nearest is scenario. A type is imported with "import type".',
  },
  "an import of a name that a file doesn't have": {
    files: { "a.scenario.ts": 'export { x } from "./b.ts";', "b.ts": "export const y = 1;" },
    code: "NR-HOST-SCENARIO-IMPORT",
    message: "./b.ts exports no x",
    at: "FOLDER/a.scenario.ts:1",
    hint: 'A type is imported with "import type".',
  },
  "JSON that isn't said to be JSON": {
    files: { "a.scenario.ts": `${IMPORT}\nimport data from "./data.json";\ndata;`, "data.json": "{}" },
    code: "NR-HOST-SCENARIO-IMPORT",
    message: "data.json is imported without saying that it is JSON",
    at: "FOLDER/a.scenario.ts:2",
    hint: 'Write: import data from "./data.json" with { type: "json" };',
  },
  "code that throws": {
    files: {
      "a.scenario.ts": 'import { f } from "./b.ts";\n\nf();\n',
      "b.ts": "\nexport function f(): never {\n  throw new RangeError('boom');\n}",
    },
    code: "NR-HOST-SCENARIO-THREW",
    message: "the scenario file threw RangeError: boom",
    at: "FOLDER/b.ts:3",
    hint: "The error comes from the file's own code, which runs when it is loaded.",
  },
  "code that throws beside an enum, where lines have moved": {
    files: { "a.scenario.ts": "enum A {\n  B,\n  C,\n}\n\nthrow new Error(String(A.C));\n" },
    code: "NR-HOST-SCENARIO-THREW",
    message: "the scenario file threw Error: 1",
    at: "FOLDER/a.scenario.ts:6",
    hint: "The error comes from the file's own code, which runs when it is loaded.",
  },
  "code that throws something else": {
    files: { "a.scenario.ts": 'throw "up";' },
    code: "NR-HOST-SCENARIO-THREW",
    message: "the scenario file threw up",
    at: "FOLDER/a.scenario.ts",
    hint: "The error comes from the file's own code, which runs when it is loaded.",
  },
  "no default export": {
    files: { "a.scenario.ts": `${IMPORT} const plan = ${planNamed('"x"')};` },
    code: "NR-HOST-SCENARIO-EXPORT",
    message: "a.scenario.ts has no default export",
    hint: 'It exports nothing. Write: export default scenario("name")...build();',
  },
  "no plan, but something else": {
    files: { "a.scenario.ts": "export const late = 7; export const steps = [1]; export function f(): void {}" },
    code: "NR-HOST-SCENARIO-EXPORT",
    message: "a.scenario.ts has no default export",
    hint: 'It exports no plan, but f, a function; late, a number; steps, an array. Write: export default scenario("name")...build();',
  },
  "a syntax error after characters of more than one byte, compiled by esbuild": {
    files: { "a.scenario.ts": 'enum A { B }\n\tconst s = "äöü€"; const t: = 1;\n' },
    code: "NR-HOST-SCENARIO-SYNTAX",
    message:
      "Unexpected token `=`. Expected an identifier, void, yield, null, await, break, a string literal, a numeric literal, true, false, `, -, import, this, typeof, {, [, (",
    at: "FOLDER/a.scenario.ts:2:29",
    excerpt: '2 | \tconst s = "äöü€"; const t: = 1;\n  | \t                           ^',
    hint: "Correct the file; an editor with TypeScript marks the place.",
  },
  "a name declared twice after characters of more than one byte": {
    files: { "a.scenario.ts": 'const a = 1;\nconst s = "äöü€"; const a: number = 2;\n' },
    code: "NR-HOST-SCENARIO-SYNTAX",
    message: 'The symbol "a" has already been declared',
    at: "FOLDER/a.scenario.ts:2:25",
    excerpt: '2 | const s = "äöü€"; const a: number = 2;\n  |                         ^',
    hint: "Correct the file; an editor with TypeScript marks the place.",
  },
  "no default export, but plans": {
    files: {
      "a.scenario.ts": `${IMPORT} export const one = ${planNamed('"x"')}; export const two = ${planNamed('"y"')}; export const three = 3;`,
    },
    code: "NR-HOST-SCENARIO-EXPORT",
    message: "a.scenario.ts has no default export",
    hint: "Choose one of its plans: a.scenario.ts#one, a.scenario.ts#two.",
  },
  "a name that isn't exported": {
    files: {
      "a.scenario.ts": `${IMPORT} export const smoke = ${planNamed('"x"')}; export const chaos = ${planNamed('"y"')};`,
    },
    written: "a.scenario.ts#smok",
    code: "NR-HOST-SCENARIO-EXPORT",
    message: "a.scenario.ts exports no smok",
    hint: "The nearest is a.scenario.ts#smoke.",
  },
  "a name where there is only a default plan": {
    files: { "a.scenario.ts": `${IMPORT} export default ${planNamed('"x"')};` },
    written: "a.scenario.ts#smok",
    code: "NR-HOST-SCENARIO-EXPORT",
    message: "a.scenario.ts exports no smok",
    hint: "It exports only its default plan.",
  },
  "an export that is no plan": {
    files: { "a.scenario.ts": "export default [1];" },
    code: "NR-HOST-SCENARIO-EXPORT",
    message: "the default export of a.scenario.ts is an array, not a plan",
    hint: "A plan is what scenario(...)...build() returns.",
  },
  "a named export that is no plan": {
    files: { "a.scenario.ts": "export const late = 7;" },
    written: "a.scenario.ts#late",
    code: "NR-HOST-SCENARIO-EXPORT",
    message: "the export late of a.scenario.ts is a number, not a plan",
    hint: "A plan is what scenario(...)...build() returns.",
  },
  "a scenario that isn't built": {
    files: {
      "a.scenario.ts": `${IMPORT} export default scenario("x").topologyWith((t) => t.networkStar().validators(3));`,
    },
    code: "NR-HOST-SCENARIO-EXPORT",
    message: "the default export of a.scenario.ts is a scenario that isn't built, not a plan",
    hint: "End it with .build().",
  },
};
