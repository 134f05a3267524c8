import { spawnSync } from "node:child_process";
import { INPUTS } from "./inputs.mjs";

/**
 * What an executable says of its build: the commit that last touched what it is made of, with a `+` behind it when
 * that has been changed since, or null outside a git checkout; and the first digits of the digest of all of it.
 * @param {string} root the checkout
 * @param {string} inputs digest of the inputs
 * @returns {{commit: string | null, inputs: string}}
 */
export function buildStamp(root, inputs) {
  return { commit: commitOf(root), inputs: inputs.slice(0, 12) };
}

function commitOf(root) {
  const paths = INPUTS.map((glob) => `:(glob)${glob}`);
  const git = (...args) => spawnSync("git", [...args, "--", ...paths], { cwd: root, encoding: "utf8" });
  const commit = git("log", "-1", "--format=%h", "--abbrev=12");
  if (commit.status !== 0 || commit.stdout.trim() === "") return null;
  const changes = git("status", "--porcelain", "--untracked-files=all");
  return `${commit.stdout.trim()}${changes.stdout.trim() === "" ? "" : "+"}`;
}
