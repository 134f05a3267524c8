import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { RefusedPlan } from "../../lib/plan/problem.ts";
import type { WrittenPlan } from "../../lib/plan/written.ts";

const LIBRARY = pathToFileURL(join(import.meta.dirname, "../../lib/index.ts")).href;

/** A scenario file as an author writes one: line 1 imports, line 2 names it, the calls follow a line each. */
export interface ScenarioFile {
  readonly path: string;
  load(): Promise<WrittenPlan>;
}

/** Writes scenario files into a folder that the test removes. */
export async function scenarioFolder(t: TestContext): Promise<(calls: readonly string[]) => Promise<ScenarioFile>> {
  const folder = await mkdtemp(join(tmpdir(), "nomos-run-plan-"));
  t.after(() => rm(folder, { recursive: true }));
  let count = 0;
  return async (calls) => {
    const path = join(folder, `${count++}.scenario.ts`);
    const lines = [
      `import { scenario } from "${LIBRARY}";`,
      'export default scenario("bad")',
      ...calls,
      ".build();",
      "",
    ];
    await writeFile(path, lines.join("\n"));
    return {
      path,
      load: async () => ((await import(pathToFileURL(path).href)) as { default: WrittenPlan }).default,
    };
  };
}

/** `place CODE message | hint` of each problem, with the scenario file's path left out: `:5 NR-...`. */
export async function problemsOf(path: string, work: () => unknown): Promise<string[]> {
  try {
    await work();
  } catch (thrown) {
    if (!(thrown instanceof RefusedPlan)) throw thrown;
    return thrown.problems.map(
      ({ at, code, message, hint }) => `${at?.replace(path, "")} ${code} ${message} | ${hint}`,
    );
  }
  return [];
}
