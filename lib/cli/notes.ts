import process from "node:process";
import { createConsola } from "consola/basic";

/** Remarks to the person at the keyboard, on standard error, so that standard output stays what was asked for. */
export const notes = createConsola({
  level: 3,
  stdout: process.stderr,
  stderr: process.stderr,
  formatOptions: { date: false, compact: true },
});
