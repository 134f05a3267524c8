/** Scenario files that nobody should write; `ok` is the only one that could run. */
export const ODD_FILES: Readonly<Record<string, string>> = {
  "array.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default [scenario("a").topologyWith((t) => t.validators(2)).build()];\n',
  "async.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith(async (t) => t.validators(2))\n  .build();\n',
  "bigint.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario(7n)\n  .topologyWith((t) => t.validators(3n))\n  .wallets(5n)\n  .build();\n',
  "binary.scenario.ts": "\u0000\u0001\u0002\u007fELF",
  "circle-a.scenario.ts": 'import { b } from "./circle-b.ts";\nexport const a = 1;\nexport default b;\n',
  "circle-b.ts": 'import { a } from "./circle-a.scenario.ts";\nexport const b = a + 1;\n',
  "circular-options.scenario.ts":
    'import { scenario } from "nomos-run";\nconst own: Record<string, unknown> = {};\nown.self = own;\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .withWorkload({ name: "mine", options: own, start: async () => {} })\n  .build();\n',
  "class.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .withWorkload(class Mine {})\n  .withWorkload({ name: 5, start() {} })\n  .withExpectation({ name: "x", judge: true })\n  .build();\n',
  "closure-throws.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .transactionsWith(() => { throw new Error("inside"); })\n  .build();\n',
  "control.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("a\\u0000b")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .withWorkload({ name: "a\\u001b[31mred\\n", start: async () => {} })\n  .build();\n',
  "default-undefined.scenario.ts": "export default undefined;\n",
  "durations.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .withRunDuration("1e3s")\n  .withRunDuration("")\n  .withRunDuration(Infinity)\n  .withRunDuration("-5s")\n  .withRunDuration(null)\n  .withRunDuration("5 s")\n  .build();\n',
  "empty-name.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .build();\n',
  "enum.scenario.ts": "enum A { b }\nexport default A;\n",
  "fault.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .enableNodeControl()\n  .chaosWith((chaos) => chaos.pause({ at: "10s", for: "5s", targets: ["validator-9"] }).kill({ targets: [] }))\n  .build();\n',
  "function.scenario.ts": "export default () => 1;\n",
  "huge.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .wallets(1e21)\n  .withRunDuration("99999999999h")\n  .build();\n',
  "json.scenario.ts": '{ "name": "json" }\n',
  "log-node.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .expectLog({ mustNot: /x/, nodes: ["validator-9", "__proto__"] })\n  .sometimes("constructor", { fork: NaN })\n  .sometimes("x", { fork: 2, mempool: 1 })\n  .build();\n',
  "long-name.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .build();\n',
  "method.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .walets(5)\n  .build();\n',
  "metrics.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .withWorkload({ name: "a", metrics: "readMs", start: async () => {} })\n  .withWorkload({ name: "b", metrics: ["x y"], start: async () => {} })\n  .withWorkload({ name: "c", metrics: ["x", "x"], start: async () => {} })\n  .withWorkload({ name: "d", metrics: [,], start: async () => {} })\n  .build();\n',
  "missing-package.scenario.ts": 'import _ from "lodash";\nexport default _;\n',
  "nan.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .wallets(NaN)\n  .transactionsWith((txs) => txs.rate(Infinity).users(-0.5))\n  .build();\n',
  "no-name.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario()\n  .topologyWith((t) => t.networkStar().validators(2))\n  .build();\n',
  "node-index.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.validators(2).stake(\'0\', 5).nodeConfigPatch(NaN, {}).stake(7, 1))\n  .build();\n',
  "null-options.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .enableNodeControl()\n  .chaosWith((chaos) => chaos.restart(null))\n  .expectResources(null)\n  .expectConvergence([])\n  .expectLog(undefined)\n  .build();\n',
  "null.scenario.ts": "export default null;\n",
  "object.scenario.ts": "export default { name: 'mine', topology: { validators: 3 } };\n",
  "ok.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .withRunDuration("60s")\n  .build();\n',
  "process.scenario.ts":
    'import { scenario } from "nomos-run";\nprocess.exit(0);\nexport default scenario("x").topologyWith((t) => t.validators(2)).build();\n',
  "promise.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default Promise.resolve(scenario("p").build);\n',
  "proto.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .expect("__proto__")\n  .expect("constructor", {})\n  .without("toString")\n  .expect("liveness", JSON.parse(\'{"__proto__": {"power": 2}, "constructor": 1}\'))\n  .build();\n',
  "protoname.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .withWorkload({ name: "__proto__", start: async () => {} })\n  .withWorkload({ name: "constructor", start: async () => {} })\n  .withWorkload({ name: "constructor", start: async () => {} })\n  .build();\n',
  "recursion.scenario.ts": "const f = (): number => f() + 1;\nexport default f();\n",
  "rejects.scenario.ts": "await Promise.reject(new Error('too late'));\n",
  "require.scenario.ts": 'const { scenario } = require("nomos-run");\nmodule.exports = scenario("x");\n',
  "strings.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("odd")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .wallets("10")\n  .transactionsWith((txs) => txs.rate("5"))\n  .enableNodeControl()\n  .withCapabilities({ nodeControl: "yes" })\n  .build();\n',
  "throws-null.scenario.ts": "throw null;\n",
  "throws-string.scenario.ts": "throw 'just text';\n",
  "twice.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("a").build();\nexport default scenario("b").build();\n',
  "unicode.scenario.ts":
    'import { scenario } from "nomos-run";\nexport default scenario("\\u202egnp.exe")\n  .topologyWith((t) => t.networkStar().validators(2))\n  .build();\n',
};
