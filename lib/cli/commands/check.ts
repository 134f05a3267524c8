import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { CodedError } from "../../core/errors.ts";
import { checkTypes, findCompiler, noCompiler } from "../../host/type-check.ts";
import { allRefused } from "../../plan/problem.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { COMPILER_OPTIONS } from "../kit/starter.ts";
import { loadPlan } from "../load-plans.ts";

/** Checks a scenario file as an editor does. */
export const checkCommand: CommandDetail = {
  options: [],
  examples: [["check chaos.scenario.ts", "its types, and that it exports a plan"]],
  async run(args, world) {
    const { output, env, folder } = world;
    const [written = ""] = args.positionals;
    const path = resolve(folder, written.replace(/#[^#]*$/, ""));
    const compiler = findCompiler(dirname(path), env);
    // What it exports is said also where its types can't be checked.
    if (compiler === null || !existsSync(path)) await loadPlan(written, world);
    if (compiler === null) throw noCompiler();
    const settings = { path, folder, env, compilerOptions: COMPILER_OPTIONS, pretty: output.color };
    const { passed, text, tsconfig } = await checkTypes(compiler, settings);
    output.write(text);
    if (!passed) {
      throw new CodedError("NR-CLI-TYPES", `${written} has type errors`, {
        hint: `${compiler} found them${tsconfig === null ? "" : `, as ${relative(folder, tsconfig)} has it`}.`,
      });
    }
    const { refused } = await loadPlan(written, world);
    if (refused.length > 0) throw allRefused(refused);
    output.write(`${written}: its types are right and it exports a plan\n`);
    return EXIT.passed;
  },
};
