import assert from "node:assert/strict";
import test from "node:test";
import { nomosRun, scratch } from "../support/program.ts";

test("explain prints a code's page, and all codes without one", async (t) => {
  const cwd = scratch(t);
  const { code, stdout } = await nomosRun(t, ["explain", "plan-tx-rate"], { cwd });
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^NR-PLAN-TX-RATE: More transactions than the wallets can carry \(exit code 64\)\n\nWhat it means\n {2}A wallet/,
  );
  assert.match(stdout, /\n\nWhat causes it\n {2}[^]*\n\nWhat to do\n {2}/);
  const all = await nomosRun(t, ["explain"], { cwd });
  assert.match(all.stdout, /^NR-CHAIN-BLOB-INCONSISTENT {2,}A blob's shares are no codeword\n/);
});

test("env shows what counts, where it comes from, what is wrong with it, and what has no effect", async (t) => {
  const env = {
    LOGOS_BLOCKCHAIN_DEMO_VALIDATORS: "3",
    NOMOS_RUN_PROFILE: "quick",
    NOMOS_GRAFANA_URL: "https://me:secret@grafana/x",
    RUST_LOG: "debug",
  };
  const { code, stdout } = await nomosRun(t, ["env", "--json"], { cwd: scratch(t), env });
  assert.equal(code, 0);
  const { read, notRead } = JSON.parse(stdout) as {
    read: { name: string; value: string | null; from: string }[];
    notRead: { name: string; set: boolean; fate: string }[];
  };
  const row = (name: string) => read.find((each) => each.name === name);
  assert.deepEqual(
    [row("NOMOS_DEMO_VALIDATORS")?.value, row("NOMOS_DEMO_VALIDATORS")?.from],
    ["3", "LOGOS_BLOCKCHAIN_DEMO_VALIDATORS"],
  );
  assert.deepEqual([row("CONSENSUS_SLOT_TIME")?.value, row("CONSENSUS_SLOT_TIME")?.from], [null, "default"]);
  assert.equal(row("NOMOS_RUN_PROFILE")?.from, "refused: must be default or fast");
  assert.equal(row("NOMOS_GRAFANA_URL")?.value, "https://***@grafana/x");
  assert.deepEqual(
    notRead.map(({ name, set, fate }) => [name, set, fate]),
    [["RUST_LOG", true, "replaced"]],
  );

  const all = await nomosRun(t, ["env", "--all"], { cwd: scratch(t), env });
  assert.match(all.stdout, /\nNOMOS_NODE_BIN +no +waiting: Real nodes are not run by this version/);
});
