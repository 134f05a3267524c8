import assert from "node:assert/strict";
import test from "node:test";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { createJunitCollector, junitDocument } from "../../lib/report/junit.ts";
import { report } from "./fixture.ts";

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  isArray: (name) => name === "testcase",
});

test("a suite a run, a case an expectation, and one for what spoiled the run", () => {
  const document = junitDocument([report]);
  assert.equal(XMLValidator.validate(document), true);
  const { testsuites } = parser.parse(document);
  assert.deepEqual(
    [testsuites.tests, testsuites.failures, testsuites.errors, testsuites.time],
    ["3", "1", "1", "90.040"],
  );
  const [liveness, exit, run] = testsuites.testsuite.testcase;
  assert.deepEqual(
    [liveness.name, liveness["system-out"]],
    ["liveness", "90 blocks in 100 slots, at least 70 were needed"],
  );
  assert.equal(exit.failure.message, "1 node ended although nobody asked it to");
  assert.match(
    exit.failure["#text"],
    /^validator-2, start 1: SIGKILL, not by us\nmore 0\n[^]*\nended: 1\nlimit ended: 0$/,
  );
  assert.deepEqual([run.name, run.error.type, run.error.message], ["run", "NR-RUN-STAGE", "stage heal failed"]);
  assert.ok(
    testsuites.testsuite.properties.property.some(
      (p: { name: string; value: string }) => p.name === "seed" && p.value === "s33d",
    ),
  );
});

test("inconclusive is an error, for a build must not be green by it; interrupted is a case of its own", () => {
  const [expectation] = report.expectations;
  assert.ok(expectation);
  const undecided = {
    ...report,
    verdict: "inconclusive" as const,
    errors: [],
    expectations: [{ ...expectation, outcome: "inconclusive" as const }],
  };
  const interrupted = { ...report, verdict: "interrupted" as const, why: "by SIGINT", errors: [], expectations: [] };
  const { testsuites } = parser.parse(junitDocument([undecided, interrupted]));
  assert.deepEqual([testsuites.tests, testsuites.failures, testsuites.errors], ["2", "0", "2"]);
  assert.equal(testsuites.testsuite[0].testcase[0].error.type, "inconclusive");
  assert.deepEqual(testsuites.testsuite[1].testcase[0].error, { type: "interrupted", message: "by SIGINT" });
});

test("whatever a run says is text in XML, and comes back as it was where XML can hold it", () => {
  const nasty = `<b a="1">'&amp;' ]]> tab\t line\n carriage\r nul\u0000 bell\u0007 half\ud800 whole\u{1f600}`;
  const [expectation] = report.expectations;
  assert.ok(expectation);
  const failed = {
    ...expectation,
    outcome: "failed" as const,
    summary: nasty,
    findings: [nasty],
    figures: {},
    limits: {},
  };
  const document = junitDocument([{ ...report, name: nasty, errors: [], expectations: [failed] }]);
  assert.equal(XMLValidator.validate(document), true);
  assert.ok(document.split("").every((unit) => unit >= " " || "\n\t".includes(unit)));
  const exact = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    trimValues: false,
    htmlEntities: true,
  });
  const { failure } = exact.parse(document).testsuites.testsuite.testcase;
  const kept = ["\u0000", "\u0007", "\ud800"].reduce((text, lost) => text.replace(lost, "\ufffd"), nasty);
  assert.equal(failure.message, kept);
  assert.equal(failure["#text"], kept);
});

test("the document of all runs so far is passed on after each", () => {
  const documents: string[] = [];
  const collector = createJunitCollector((document) => documents.push(document));
  for (const name of ["one", "two"]) collector.reporter().end({ ...report, name });
  assert.deepEqual(documents, [
    junitDocument([{ ...report, name: "one" }]),
    junitDocument([
      { ...report, name: "one" },
      { ...report, name: "two" },
    ]),
  ]);
});

/** What the schema of Jenkins's xunit plugin (junit-10) lets an element have: required attributes, others, children. */
const ELEMENTS: Readonly<Record<string, readonly [readonly string[], readonly string[], readonly string[]]>> = {
  testsuites: [[], ["name", "time", "tests", "failures", "errors"], ["testsuite"]],
  testsuite: [
    ["name", "tests", "failures", "errors"],
    ["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"],
    ["testsuite", "properties", "testcase", "system-out", "system-err"],
  ],
  properties: [[], [], ["property"]],
  property: [["name", "value"], [], []],
  testcase: [["name"], ["time", "classname", "group"], ["skipped", "error", "failure", "system-out", "system-err"]],
  error: [[], ["type", "message"], ["#text"]],
  failure: [[], ["type", "message"], ["#text"]],
  "system-out": [[], [], ["#text"]],
};

type Node = { readonly ":@"?: Readonly<Record<string, string>> } & Readonly<Record<string, readonly Node[]>>;

/** What of an element and all below it the schema doesn't let through. */
function faultsOf(node: Node): readonly string[] {
  const name = Object.keys(node).find((key) => key !== ":@") ?? "";
  if (name === "#text") return [];
  const rules = ELEMENTS[name];
  if (!rules) return [`an element ${name}`];
  const [required, optional, children] = rules;
  const given = Object.keys(node[":@"] ?? {});
  const below = node[name] ?? [];
  return [
    ...required.filter((key) => !given.includes(key)).map((key) => `${name} without ${key}`),
    ...given.filter((key) => ![...required, ...optional].includes(key)).map((key) => `${name} with ${key}`),
    ...below
      .flatMap((child) => Object.keys(child).filter((key) => key !== ":@" && !children.includes(key)))
      .map((key) => `${key} in ${name}`),
    ...below.flatMap(faultsOf),
  ];
}

test("what build servers read JUnit files by lets through runs of every outcome", () => {
  const ordered = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: "" });
  const [passed] = report.expectations;
  assert.ok(passed);
  const undecided = { ...report, verdict: "inconclusive" as const, errors: [] };
  const runs = [
    report,
    { ...report, verdict: "passed" as const, errors: [], expectations: [passed] },
    { ...undecided, expectations: [{ ...passed, outcome: "inconclusive" as const }] },
    { ...report, verdict: "interrupted" as const, why: "by SIGINT", errors: [], expectations: [] },
    { ...report, startedAt: "2026-11-23T00:00:00.000Z", endedAt: "2026-11-23T01:00:00.000Z" },
  ];
  const document = junitDocument(runs);
  const [, suites, ...rest] = ordered.parse(document) as Node[];
  assert.ok(suites);
  assert.deepEqual([rest, faultsOf(suites)], [[], []]);
  const times = [...document.matchAll(/ time="([^"]*)"/g)].map(([, time]) => time ?? "");
  assert.ok(times.length > runs.length);
  // Thousands stand together or are set apart by commas; no exponent and no sign.
  for (const time of times) assert.match(time, /^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$/);
});
