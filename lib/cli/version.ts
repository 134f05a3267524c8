import process from "node:process";
import { BUILD } from "../host/build-stamp.ts";
import { RUNTIME } from "../host/runtime.ts";

/** What `--version` prints. */
export const VERSION_LINE = `nomos-run ${BUILD} ${process.platform}-${process.arch} ${RUNTIME.name} ${RUNTIME.version}`;
