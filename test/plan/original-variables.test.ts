import assert from "node:assert/strict";
import test from "node:test";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { ENVIRONMENT, readEnvironment } from "../../lib/plan/environment.ts";
import { ORIGINAL_VARIABLES, twinOf } from "../../lib/plan/original-variables.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import { registry } from "./registry.ts";
import { problemsOf } from "./scenario-files.ts";

/** Every name in the original's documentation, its Rust readers and its scripts, written down from them. */
const NAMES =
  `POL_PROOF_DEV_MODE SLOW_TEST_ENV CONSENSUS_SLOT_TIME CONSENSUS_ACTIVE_SLOT_COEFF NOMOS_NODE_BIN NOMOS_EXECUTOR_BIN
NOMOS_TESTS_KEEP_LOGS NOMOS_TESTS_TRACING NOMOS_LOG_DIR NOMOS_LOG_LEVEL NOMOS_LOG_FILTER NOMOS_OTLP_ENDPOINT
NOMOS_OTLP_METRICS_ENDPOINT NOMOS_METRICS_QUERY_URL NOMOS_METRICS_OTLP_INGEST_URL NOMOS_GRAFANA_URL TESTNET_PRINT_ENDPOINTS
NOMOS_KZGRS_PARAMS_PATH NOMOS_KZG_CONTAINER_PATH NOMOS_KZG_DIR_REL NOMOS_KZG_MODE NOMOS_CFGSYNC_PORT NOMOS_TESTNET_IMAGE
NOMOS_TESTNET_IMAGE_PULL_POLICY NOMOS_TIME_BACKEND NOMOS_USE_AUTONAT NOMOS_DISPERSAL_TIMEOUT_SECS NOMOS_RETRY_COOLDOWN_SECS
NOMOS_GRACE_PERIOD_SECS NOMOS_PRUNE_DURATION_SECS NOMOS_PRUNE_INTERVAL_SECS NOMOS_SHARE_DURATION_SECS
NOMOS_COMMITMENTS_WAIT_SECS NOMOS_SDP_TRIGGER_DELAY_SECS COMPOSE_RUNNER_HOST COMPOSE_RUNNER_HOST_GATEWAY DOCKER_HOST_GATEWAY
COMPOSE_RUNNER_HTTP_TIMEOUT_SECS COMPOSE_RUNNER_PRESERVE TESTNET_RUNNER_PRESERVE COMPOSE_CIRCUITS_PLATFORM CIRCUITS_OVERRIDE
K8S_RUNNER_NAMESPACE K8S_RUNNER_RELEASE K8S_RUNNER_PRESERVE K8S_RUNNER_DEBUG K8S_RUNNER_NODE_HOST KUBERNETES_SERVICE_HOST
K8S_RUNNER_DEPLOYMENT_TIMEOUT_SECS K8S_RUNNER_HTTP_TIMEOUT_SECS K8S_RUNNER_HTTP_PROBE_TIMEOUT_SECS
K8S_RUNNER_HTTP_POLL_INTERVAL_SECS NOMOS_DEMO_VALIDATORS NOMOS_DEMO_EXECUTORS NOMOS_DEMO_RUN_SECS NOMOS_DEMO_NODES
CARGO_WORKSPACE_DIR RUST_LOG PRINT_GENESIS CFG_FILE_PATH CFG_SERVER_ADDR CFG_HOST_IP CFG_HOST_KIND CFG_HOST_IDENTIFIER
CFG_NETWORK_PORT CFG_DA_PORT CFG_BLEND_PORT CFG_API_PORT CFG_TESTING_HTTP_PORT OTEL_METRIC_EXPORT_INTERVAL VERSION
NOMOS_NODE_REV NOMOS_NODE_PATH NOMOS_BUNDLE_VERSION NOMOS_BINARIES_TAR NOMOS_SKIP_IMAGE_BUILD NOMOS_FORCE_IMAGE_BUILD
NOMOS_IMAGE_SELECTION IMAGE_TAG BASE_IMAGE_TAG ECR_IMAGE ECR_REGISTRY ECR_REPO TAG AWS_ACCOUNT_ID AWS_REGION ECR_IMAGE_REPO
LOCAL_IMAGE CIRCUITS_PLATFORM NOMOS_CIRCUITS NOMOS_CIRCUITS_PLATFORM NOMOS_CIRCUITS_NONINTERACTIVE
NOMOS_CIRCUITS_REBUILD_RAPIDSNARK NOMOS_CIRCUITS_VERSION NOMOS_CIRCUITS_HOST_DIR_REL NOMOS_CIRCUITS_LINUX_DIR_REL
NOMOS_KZG_FILE NOMOS_KZG_IN_IMAGE_PARAMS_PATH STACK_DIR HOST_DIR LINUX_STAGE_DIR NOMOS_EXTRA_FEATURES
NOMOS_BUNDLE_DOCKER_PLATFORM NOMOS_BIN_PLATFORM BUNDLE_RUSTUP_TOOLCHAIN BUNDLE_IN_CONTAINER NOMOS_NODE_APPLY_PATCHES
NOMOS_NODE_PATCH_DIR NOMOS_NODE_PATCH_LEVEL GITHUB_TOKEN RAPIDSNARK_REPO RAPIDSNARK_REF RAPIDSNARK_FORCE_REBUILD
RAPIDSNARK_USE_ASM RAPIDSNARK_BUILD_GMP RAPIDSNARK_GMP_TARGET RAPIDSNARK_PACKAGE_DIR RAPIDSNARK_C_FLAGS RAPIDSNARK_CXX_FLAGS
PYTHON_BIN COMPOSE_NODE_PAIRS LOCAL_DEMO_VALIDATORS LOCAL_DEMO_EXECUTORS LOCAL_DEMO_RUN_SECS
K8S_RUNNER_PROMETHEUS_HTTP_TIMEOUT_SECS K8S_RUNNER_PROMETHEUS_HTTP_PROBE_TIMEOUT_SECS NOMOS_STATE_DIR`.split(/\s+/);

test("every variable of the original is read, or it is said what became of it; none is in the table twice", () => {
  const known = [...ENVIRONMENT, ...ORIGINAL_VARIABLES].map(({ name }) => name);
  assert.deepEqual(
    NAMES.filter((name) => !known.includes(name)),
    [],
  );
  assert.deepEqual(
    known.filter((name, i) => known.indexOf(name) !== i),
    [],
  );
  for (const { name, advice } of ORIGINAL_VARIABLES) assert.match(advice, /\.$/, name);
});

test("what would test another network than was meant is refused, under both names, and the rest has no effect", async () => {
  const refused = ORIGINAL_VARIABLES.filter(({ fate }) => fate === "refused").flatMap(({ name }) => [
    name,
    twinOf(name) ?? name,
  ]);
  const set = (names: readonly string[], value: string) => Object.fromEntries(names.map((name) => [name, value]));
  const problems = await problemsOf("", () => readEnvironment(set(refused, "5")));
  assert.deepEqual(
    problems.map((problem) => problem.split(" ")[0] ?? "").toSorted((a, b) => a.localeCompare(b)),
    refused.toSorted((a, b) => a.localeCompare(b)),
  );
  assert.match(
    problems[0] ?? "",
    /NR-PLAN-ENVIRONMENT NOMOS_USE_AUTONAT is "5", and has no effect here \| Nodes reach .* Unset the variable\.$/,
  );

  for (const off of ["", "0", "false"]) assert.deepEqual(readEnvironment(set(refused, off)).values, {});
  const others = ORIGINAL_VARIABLES.filter(({ fate }) => fate !== "refused").map(({ name }) => name);
  assert.deepEqual(readEnvironment(set(others, "x")).values, {});
});

test("observability from the environment beats the scenario's", () => {
  const written = scenario("observed")
    .topologyWith((t) => t.validators(1))
    .withMetricsQueryUrl("http://scenario:9090")
    .withGrafanaUrl("http://scenario:3000")
    .build();
  const environment = readEnvironment({ LOGOS_BLOCKCHAIN_METRICS_QUERY_URL: "https://here:9090/prom" });
  const { plan } = resolve(written, { drawnSeed: "s", environment }, registry);
  assert.deepEqual(plan.observability, {
    metricsQueryUrl: "https://here:9090/prom",
    grafanaUrl: "http://scenario:3000",
  });
});

test("a URL that is none is refused", async () => {
  assert.deepEqual(await problemsOf("", () => readEnvironment({ NOMOS_GRAFANA_URL: "localhost:3000" })), [
    'NOMOS_GRAFANA_URL NR-PLAN-ENVIRONMENT NOMOS_GRAFANA_URL is "localhost:3000" | It must be an http or https URL; unset it for the default.',
  ]);
});
