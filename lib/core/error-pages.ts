import type { ErrorCode } from "./error-codes.ts";
import { ATTACH_PAGES } from "./error-pages/attach.ts";
import { DOCKER_PAGES } from "./error-pages/docker.ts";
import { LIBRARY_PAGES } from "./error-pages/library.ts";
import { NETWORK_PAGES } from "./error-pages/network.ts";
import type { ErrorPage } from "./error-pages/page.ts";
import { PLAN_PAGES } from "./error-pages/plan.ts";
import { RUN_PAGES } from "./error-pages/run.ts";
import { TASK_PAGES } from "./error-pages/tasks.ts";

/** A page for each error code. A code without one doesn't compile. */
export const ERROR_PAGES: Readonly<Record<ErrorCode, ErrorPage>> = {
  ...ATTACH_PAGES,
  ...DOCKER_PAGES,
  ...LIBRARY_PAGES,
  ...NETWORK_PAGES,
  ...PLAN_PAGES,
  ...RUN_PAGES,
  ...TASK_PAGES,
};
