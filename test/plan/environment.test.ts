import assert from "node:assert/strict";
import test from "node:test";
import { ENVIRONMENT, readEnvironment } from "../../lib/plan/environment.ts";
import { problemsOf } from "./scenario-files.ts";

test("every variable is read into its value, and twins mean the same", () => {
  assert.deepEqual(
    readEnvironment({
      CONSENSUS_SLOT_TIME: "0.25",
      CONSENSUS_ACTIVE_SLOT_COEFF: "1",
      CONSENSUS_SECURITY_PARAM: "40",
      LOGOS_BLOCKCHAIN_DEMO_VALIDATORS: "3",
      NOMOS_DEMO_EXECUTORS: "2",
      LOGOS_BLOCKCHAIN_DEMO_EXECUTORS: "2",
      NOMOS_DEMO_RUN_SECS: "90",
      NOMOS_RUN_SEED: "abc",
      NOMOS_RUN_PROFILE: " fast ",
      NOMOS_RUN_DEPLOYER: "local",
      NOMOS_RUN_OUT: "/tmp/runs",
      LOGOS_BLOCKCHAIN_TESTNET_IMAGE: "my/node:1",
      COMPOSE_RUNNER_HOST: "docker",
      PATH: "/bin",
    }),
    {
      values: {
        slotMs: 250,
        f: 1,
        k: 40,
        demoValidators: 3,
        demoExecutors: 2,
        demoRunMs: 90_000,
        seed: "abc",
        profile: "fast",
        deployer: "local",
        out: "/tmp/runs",
        testnetImage: "my/node:1",
        composeHost: "docker",
      },
      from: {
        slotMs: "CONSENSUS_SLOT_TIME",
        f: "CONSENSUS_ACTIVE_SLOT_COEFF",
        k: "CONSENSUS_SECURITY_PARAM",
        demoValidators: "LOGOS_BLOCKCHAIN_DEMO_VALIDATORS",
        demoExecutors: "NOMOS_DEMO_EXECUTORS",
        demoRunMs: "NOMOS_DEMO_RUN_SECS",
        seed: "NOMOS_RUN_SEED",
        profile: "NOMOS_RUN_PROFILE",
        deployer: "NOMOS_RUN_DEPLOYER",
        out: "NOMOS_RUN_OUT",
        testnetImage: "LOGOS_BLOCKCHAIN_TESTNET_IMAGE",
        composeHost: "COMPOSE_RUNNER_HOST",
      },
    },
  );
});

test("empty, false and 0 mean off, but 0 is a number of nodes and a seed", () => {
  for (const off of ["", " ", "false", "0"]) {
    const env = Object.fromEntries(ENVIRONMENT.filter((each) => !each.zeroCounts).map((each) => [each.name, off]));
    assert.deepEqual(readEnvironment(env), { values: {}, from: {} });
  }
  const { values } = readEnvironment({
    NOMOS_DEMO_EXECUTORS: "0",
    NOMOS_DEMO_VALIDATORS: "false",
    NOMOS_RUN_SEED: "0",
  });
  assert.deepEqual(values, { demoExecutors: 0, seed: "0" });
});

test("what is malformed is refused, all at once, each by its name", async () => {
  const env = {
    CONSENSUS_SLOT_TIME: "2s",
    CONSENSUS_ACTIVE_SLOT_COEFF: "1.1",
    CONSENSUS_SECURITY_PARAM: "-1",
    LOGOS_BLOCKCHAIN_DEMO_VALIDATORS: "1.5",
    NOMOS_DEMO_RUN_SECS: "1e3",
    NOMOS_RUN_PROFILE: "quick",
    NOMOS_RUN_SEED: "1",
    LOGOS_BLOCKCHAIN_RUN_SEED: "2",
    COMPOSE_RUNNER_HOST: "http://docker",
  };
  assert.deepEqual(await problemsOf("", () => readEnvironment(env)), [
    'CONSENSUS_SLOT_TIME NR-PLAN-ENVIRONMENT CONSENSUS_SLOT_TIME is "2s" | It must be a number of seconds above 0, down to milliseconds, such as 2 or 0.25; unset it for the default.',
    'CONSENSUS_ACTIVE_SLOT_COEFF NR-PLAN-ENVIRONMENT CONSENSUS_ACTIVE_SLOT_COEFF is "1.1" | It must be a number above 0 and at most 1; unset it for the default.',
    'CONSENSUS_SECURITY_PARAM NR-PLAN-ENVIRONMENT CONSENSUS_SECURITY_PARAM is "-1" | It must be a whole number from 1; unset it for the default.',
    'LOGOS_BLOCKCHAIN_DEMO_VALIDATORS NR-PLAN-ENVIRONMENT LOGOS_BLOCKCHAIN_DEMO_VALIDATORS is "1.5" | It must be a whole number from 0; unset it for the default.',
    'NOMOS_DEMO_RUN_SECS NR-PLAN-ENVIRONMENT NOMOS_DEMO_RUN_SECS is "1e3" | It must be a number of seconds above 0; unset it for the default.',
    'NOMOS_RUN_SEED NR-PLAN-ENVIRONMENT NOMOS_RUN_SEED is "1", and LOGOS_BLOCKCHAIN_RUN_SEED means the same and is "2" | Unset one of them.',
    'NOMOS_RUN_PROFILE NR-PLAN-ENVIRONMENT NOMOS_RUN_PROFILE is "quick" | It must be default or fast; unset it for the default.',
    'COMPOSE_RUNNER_HOST NR-PLAN-ENVIRONMENT COMPOSE_RUNNER_HOST is "http://docker" | It must be an address or a host\'s name; unset it for the default.',
  ]);
});

test("a slot of less than a millisecond is refused", async () => {
  const [problem] = await problemsOf("", () => readEnvironment({ CONSENSUS_SLOT_TIME: "0.0005" }));
  assert.match(problem ?? "", /^CONSENSUS_SLOT_TIME NR-PLAN-ENVIRONMENT/);
});
