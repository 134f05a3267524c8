import { DECLARATIONS_FOLDER } from "../../host/declarations.ts";

/** The scenario that `init` writes. */
export const STARTER_NAME = "first.scenario.ts";

export const STARTER = `import { scenario } from "nomos-run";

/**
 * Three nodes that make blocks, ten wallets that send one transaction a block between them, one node restarted on the
 * way. What has to hold is judged at the end; \`nomos-run plan ${STARTER_NAME}\` says what that is.
 */
export default scenario("first")
  .topologyWith((t) => t.networkStar().validators(3))
  .wallets(10)
  .transactionsWith((txs) => txs.rate(1).users(10))
  .enableNodeControl()
  .chaosWith((chaos) => chaos.restart({ minDelay: "20s", maxDelay: "40s", targetCooldown: "30s" }))
  .expectConsensusLiveness()
  .withRunDuration("90s")
  .build();
`;

/**
 * What an editor and tsc need to know of scenario files: they are modules, run without a build, and find \`nomos-run\`
 * and Node's own types beside them. Also what \`check\` takes where there is no tsconfig.json.
 */
export const COMPILER_OPTIONS = {
  target: "ES2024",
  lib: ["ES2024", "ESNext.Disposable"],
  module: "ESNext",
  moduleResolution: "Bundler",
  moduleDetection: "force",
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  typeRoots: [`./${DECLARATIONS_FOLDER}/@types`],
  types: ["node"],
  paths: { "nomos-run": [`./${DECLARATIONS_FOLDER}/nomos-run/lib/index.d.ts`] },
};

export const TSCONFIG = `${JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ["**/*.ts"] }, null, 2)}\n`;
