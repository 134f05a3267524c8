import assert from "node:assert/strict";
import test from "node:test";
import { SCENARIO_API } from "../../lib/cli/scenario-api.ts";
import * as index from "../../lib/index.ts";

test("scenario files get every value that lib/index.ts exports", () => {
  // Theirs leaves refused plans to whoever chooses them.
  const { scenario, ...others } = SCENARIO_API;
  assert.notEqual(scenario, index.scenario);
  assert.deepEqual({ ...index, scenario }, { ...others, scenario });
});
