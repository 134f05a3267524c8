import type { Task } from "../model/task.ts";
import { buildBundle } from "./bundle/build-bundle.ts";
import { setupCircuits } from "./circuits/setup-circuits.ts";
import { buildImageTask } from "./image/build-image.ts";
import { loadImageTask } from "./image/load-image.ts";
import { clean, doctor } from "./machine-tasks.ts";
import { setupObservability } from "./observability/setup-observability.ts";

/** The tasks of the program, by name. */
export const BUILT_IN_TASKS: ReadonlyMap<string, Task> = new Map(
  [setupCircuits, buildBundle, buildImageTask, loadImageTask, setupObservability, doctor, clean].map((task) => [
    task.name,
    task,
  ]),
);
