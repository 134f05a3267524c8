/**
 * What became of a variable of the Rust framework that is not read here. `replaced`: something else does it, and setting it
 * is harmless. `refused`: it would change what is tested, so that ignoring it would judge another network than was meant.
 * `waiting`: it belongs to real nodes or a backend that this version doesn't have. `dropped`: there is nothing left that it
 * could decide.
 */
type Fate = "replaced" | "refused" | "waiting" | "dropped";

/** A variable of the original that this program doesn't read. */
export interface OriginalVariable {
  readonly name: string;
  readonly fate: Fate;
  /** What to use instead, or why it is gone; one sentence. */
  readonly advice: string;
}

const REAL_NODES = "Real nodes are not run by this version; the embedded node needs none of it.";
const KUBERNETES = "The Kubernetes backend is not in this version.";
const NODE_DURATION = "It is a setting of the nodes: give it with nodeConfigPatch in the scenario.";
const NO_CFGSYNC = "Configuration is rendered before a node starts; there is no configuration server.";
const NO_READER = "Nothing read it in the original either.";

function all(fate: Fate, advice: string, names: string): OriginalVariable[] {
  return names.split(" ").map((name) => ({ name, fate, advice }));
}

/** Every name that the original's programs and scripts know, but for those that are read here. */
export const ORIGINAL_VARIABLES: readonly OriginalVariable[] = [
  // logs and tracing
  ...all("replaced", "The logs of every node are always in the run folder.", "NOMOS_TESTS_KEEP_LOGS NOMOS_LOG_DIR"),
  ...all("replaced", 'Give nodeConfigPatch(i, { logLevel: "DEBUG" }).', "NOMOS_LOG_LEVEL NOMOS_LOG_FILTER RUST_LOG"),
  ...all("dropped", "There is no tracing preset; every event of a run is in events.ndjson.", "NOMOS_TESTS_TRACING"),
  ...all("waiting", "Nodes push no traces in this version.", "NOMOS_OTLP_ENDPOINT NOMOS_OTLP_METRICS_ENDPOINT"),
  ...all("waiting", "Nodes push no metrics in this version; they are at /metrics.", "OTEL_METRIC_EXPORT_INTERVAL"),
  ...all("replaced", "binding.json in the run folder has every address.", "TESTNET_PRINT_ENDPOINTS"),
  // the network
  ...all(
    "dropped",
    "Deadlines are for what hangs, and generous: none has to be set.",
    "SLOW_TEST_ENV COMPOSE_RUNNER_HTTP_TIMEOUT_SECS",
  ),
  ...all("dropped", "The embedded node makes no zero-knowledge proofs.", "POL_PROOF_DEV_MODE"),
  ...all(
    "refused",
    "Nodes reach each other at fixed addresses: there is no address translation to cross.",
    "NOMOS_USE_AUTONAT",
  ),
  ...all(
    "refused",
    NODE_DURATION,
    "NOMOS_DISPERSAL_TIMEOUT_SECS NOMOS_RETRY_COOLDOWN_SECS NOMOS_GRACE_PERIOD_SECS NOMOS_PRUNE_DURATION_SECS NOMOS_PRUNE_INTERVAL_SECS NOMOS_SHARE_DURATION_SECS NOMOS_COMMITMENTS_WAIT_SECS NOMOS_SDP_TRIGGER_DELAY_SECS",
  ),
  ...all("dropped", "No node read it; all nodes count slots by the clock of the machine.", "NOMOS_TIME_BACKEND"),
  ...all("replaced", "Use NOMOS_DEMO_VALIDATORS and NOMOS_DEMO_EXECUTORS.", "NOMOS_DEMO_NODES"),
  // real nodes
  ...all(
    "waiting",
    REAL_NODES,
    "NOMOS_NODE_BIN NOMOS_EXECUTOR_BIN NOMOS_KZG_CONTAINER_PATH NOMOS_KZG_DIR_REL NOMOS_KZG_MODE NOMOS_KZG_FILE",
  ),
  ...all("replaced", "Images that task build-image makes say where they have them.", "NOMOS_KZG_IN_IMAGE_PARAMS_PATH"),
  // containers
  ...all(
    "dropped",
    "Nodes in containers call nothing on their host.",
    "COMPOSE_RUNNER_HOST_GATEWAY DOCKER_HOST_GATEWAY",
  ),
  ...all("replaced", "Use TESTNET_RUNNER_PRESERVE or --keep.", "COMPOSE_RUNNER_PRESERVE K8S_RUNNER_PRESERVE"),
  ...all(
    "waiting",
    KUBERNETES,
    "K8S_RUNNER_NAMESPACE K8S_RUNNER_RELEASE K8S_RUNNER_DEBUG K8S_RUNNER_NODE_HOST KUBERNETES_SERVICE_HOST K8S_RUNNER_DEPLOYMENT_TIMEOUT_SECS K8S_RUNNER_HTTP_TIMEOUT_SECS K8S_RUNNER_HTTP_PROBE_TIMEOUT_SECS K8S_RUNNER_HTTP_POLL_INTERVAL_SECS NOMOS_TESTNET_IMAGE_PULL_POLICY",
  ),
  ...all(
    "dropped",
    NO_CFGSYNC,
    "NOMOS_CFGSYNC_PORT CFG_FILE_PATH CFG_SERVER_ADDR CFG_HOST_IP CFG_HOST_KIND CFG_HOST_IDENTIFIER CFG_NETWORK_PORT CFG_DA_PORT CFG_BLEND_PORT CFG_API_PORT CFG_TESTING_HTTP_PORT",
  ),
  // building
  ...all("dropped", "There is no Cargo workspace.", "CARGO_WORKSPACE_DIR"),
  ...all("dropped", "The genesis of a run is in each node's configuration in the run folder.", "PRINT_GENESIS"),
  ...all("replaced", "An image is built when what is in it has changed.", "NOMOS_SKIP_IMAGE_BUILD"),
  ...all("replaced", "Use nomos-run task build-image --force.", "NOMOS_FORCE_IMAGE_BUILD"),
  ...all("replaced", "Give the task build-image its options: tag, base.", "IMAGE_TAG BASE_IMAGE_TAG"),
  ...all("replaced", "Give the task build-image its option: circuits.", "CIRCUITS_OVERRIDE"),
  ...all(
    "dropped",
    "Images are built into the engine that is used; none is pushed or pulled.",
    "NOMOS_IMAGE_SELECTION ECR_IMAGE ECR_REGISTRY ECR_REPO TAG AWS_ACCOUNT_ID AWS_REGION ECR_IMAGE_REPO LOCAL_IMAGE",
  ),
  ...all("replaced", "Give the task its option: nomos-run task setup-circuits version=v0.3.1.", "VERSION"),
  ...all("replaced", "Task setup-circuits sends it to GitHub, and to nobody else.", "GITHUB_TOKEN"),
  ...all("replaced", "Tasks never ask.", "NOMOS_CIRCUITS_NONINTERACTIVE"),
  ...all(
    "replaced",
    "Give the task setup-circuits its options: platform, archive, dir.",
    "CIRCUITS_PLATFORM COMPOSE_CIRCUITS_PLATFORM NOMOS_CIRCUITS_HOST_DIR_REL NOMOS_CIRCUITS_LINUX_DIR_REL STACK_DIR HOST_DIR LINUX_STAGE_DIR",
  ),
  ...all(
    "dropped",
    "Task build-bundle builds a checkout as it is, on this machine and for it.",
    "NOMOS_BUNDLE_VERSION NOMOS_BUNDLE_DOCKER_PLATFORM NOMOS_BIN_PLATFORM BUNDLE_IN_CONTAINER NOMOS_NODE_APPLY_PATCHES NOMOS_NODE_PATCH_DIR NOMOS_NODE_PATCH_LEVEL PYTHON_BIN",
  ),
  ...all(
    "dropped",
    "Provers are used as they were released.",
    "NOMOS_CIRCUITS_REBUILD_RAPIDSNARK RAPIDSNARK_REPO RAPIDSNARK_REF RAPIDSNARK_FORCE_REBUILD RAPIDSNARK_USE_ASM RAPIDSNARK_BUILD_GMP RAPIDSNARK_GMP_TARGET RAPIDSNARK_PACKAGE_DIR RAPIDSNARK_C_FLAGS RAPIDSNARK_CXX_FLAGS",
  ),
  ...all(
    "dropped",
    NO_READER,
    "COMPOSE_NODE_PAIRS LOCAL_DEMO_VALIDATORS LOCAL_DEMO_EXECUTORS LOCAL_DEMO_RUN_SECS K8S_RUNNER_PROMETHEUS_HTTP_TIMEOUT_SECS K8S_RUNNER_PROMETHEUS_HTTP_PROBE_TIMEOUT_SECS NOMOS_STATE_DIR",
  ),
];

/** The same under the names that the node took in 2026. */
export function twinOf(name: string): string | undefined {
  return name.startsWith("NOMOS_") ? name.replace("NOMOS_", "LOGOS_BLOCKCHAIN_") : undefined;
}
