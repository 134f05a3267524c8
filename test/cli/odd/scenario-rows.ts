import type { OddInput } from "./odd-input.ts";

/** Scenario files that are refused, with all that is said of them. */
export const SCENARIO_ROWS: readonly OddInput[] = [
  {
    what: "a list of plans",
    line: "array.scenario.ts",
    says: `error NR-HOST-SCENARIO-EXPORT: the default export of array.scenario.ts is an array, not a plan
  A plan is what scenario(...)...build() returns.`,
  },
  {
    what: "a closure that must be waited for",
    line: "async.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 1 problem
  DIR/async.scenario.ts:3  NR-PLAN-VALUE
    topologyWith was given an async function, and a plan can't wait for it
    Await outside, before the scenario is built.`,
  },
  {
    what: "counts of another kind of number",
    line: "bigint.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan 7n was refused: 3 problems
  DIR/bigint.scenario.ts:2  NR-PLAN-NAME
    scenario(7n): 7n is not a name
    A name has 1 to 63 letters, digits, dashes and underscores, a letter or digit first.
  DIR/bigint.scenario.ts:3  NR-PLAN-COUNT
    validators(3n): 3n is not a whole number from 0 to 65000
    Write a whole number from 0 to 65000.
  DIR/bigint.scenario.ts:4  NR-PLAN-COUNT
    wallets(5n): 5n is not a whole number from 1 to 1000000
    Write a whole number from 1 to 1000000.`,
  },
  {
    what: "a file that is no text",
    line: "binary.scenario.ts",
    says: `error NR-HOST-SCENARIO-SYNTAX: Unexpected character '\\0'
  at DIR/binary.scenario.ts:1:1
    1 | \\u0000\\u0001\\u0002\\u007fELF
      | ^
  Correct the file; an editor with TypeScript marks the place.`,
  },
  {
    what: "files that import each other",
    line: "circle-a.scenario.ts",
    says: `error NR-HOST-SCENARIO-THREW: the scenario file threw ReferenceError: Cannot access 'a' before initialization
  at DIR/circle-b.ts:2
  The error comes from the file's own code, which runs when it is loaded.`,
  },
  {
    what: "options that contain themselves",
    line: "circular-options.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 1 problem
  DIR/circular-options.scenario.ts:6  NR-PLAN-JSON
    withWorkload("mine") options: self contains itself, which JSON can't hold
    Use strings, finite numbers, true, false, null, arrays and plain objects.`,
  },
  {
    what: "pieces that are none",
    line: "class.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 3 problems
  DIR/class.scenario.ts:4  NR-PLAN-VALUE
    withWorkload was given a function that is no workload
    A workload has a name and start(ctx).
  DIR/class.scenario.ts:5  NR-PLAN-NAME
    withWorkload: 5 is not a name
    A name has 1 to 63 letters, digits, dashes and underscores, a letter or digit first.
  DIR/class.scenario.ts:6  NR-PLAN-VALUE
    withExpectation was given an object that is no expectation
    An expectation has a name and judge(evidence).`,
  },
  {
    what: "a closure that throws",
    line: "closure-throws.scenario.ts",
    says: `error NR-HOST-SCENARIO-THREW: the scenario file threw Error: inside
  at DIR/closure-throws.scenario.ts:4
  The error comes from the file's own code, which runs when it is loaded.`,
  },
  {
    what: "names with control characters",
    line: "control.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "a\\u0000b" was refused: 2 problems
  DIR/control.scenario.ts:2  NR-PLAN-NAME
    scenario("a\\u0000b"): "a\\u0000b" is not a name
    A name has 1 to 63 letters, digits, dashes and underscores, a letter or digit first.
  DIR/control.scenario.ts:4  NR-PLAN-NAME
    withWorkload: "a\\u001b[31mred\\n" is not a name
    A name has 1 to 63 letters, digits, dashes and underscores, a letter or digit first.`,
  },
  {
    what: "an export of undefined",
    line: "default-undefined.scenario.ts",
    says: `error NR-HOST-SCENARIO-EXPORT: the default export of default-undefined.scenario.ts is undefined, not a plan
  A plan is what scenario(...)...build() returns.`,
  },
  {
    what: "durations that are none",
    line: "durations.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 6 problems
  DIR/durations.scenario.ts:4  NR-CORE-DURATION
    withRunDuration: "1e3s" is not a duration
    Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.
  DIR/durations.scenario.ts:5  NR-CORE-DURATION
    withRunDuration: "" is not a duration
    Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.
  DIR/durations.scenario.ts:6  NR-CORE-DURATION
    withRunDuration: Infinity is not a duration
    Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.
  DIR/durations.scenario.ts:7  NR-CORE-DURATION
    withRunDuration: "-5s" is not a duration
    Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.
  DIR/durations.scenario.ts:8  NR-CORE-DURATION
    withRunDuration: null is not a duration
    Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.
  DIR/durations.scenario.ts:9  NR-CORE-DURATION
    withRunDuration: "5 s" is not a duration
    Write "90s", "1500ms", "2m", "1h", or a number of milliseconds.`,
  },
  {
    what: "a scenario without a name",
    line: "empty-name.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "" was refused: 1 problem
  DIR/empty-name.scenario.ts:2  NR-PLAN-NAME
    scenario(""): "" is not a name
    A name has 1 to 63 letters, digits, dashes and underscores, a letter or digit first.`,
  },
  {
    what: "an enum for a plan",
    line: "enum.scenario.ts",
    says: `error NR-HOST-SCENARIO-EXPORT: the default export of enum.scenario.ts is an object, not a plan
  A plan is what scenario(...)...build() returns.`,
  },
  {
    what: "a fault of nobody",
    line: "fault.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 1 problem
  DIR/fault.scenario.ts:5  NR-PLAN-VALUE
    kill targets: an array is no choice of nodes
    Write a node's name, a list of names, or one(), minority(), majority(), all() or leaders() of "nomos-run".`,
  },
  {
    what: "a function for a plan",
    line: "function.scenario.ts",
    says: `error NR-HOST-SCENARIO-EXPORT: the default export of function.scenario.ts is a function, not a plan
  A plan is what scenario(...)...build() returns.`,
  },
  {
    what: "figures that no run holds",
    line: "huge.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 2 problems
  DIR/huge.scenario.ts:4  NR-PLAN-COUNT
    wallets(1e+21): 1e+21 is not a whole number from 1 to 1000000
    Write a whole number from 1 to 1000000.
  DIR/huge.scenario.ts:5  NR-PLAN-RUN-LONG
    179999999998200 slots of drive and 17 until finality are more than the 100000 that can be judged
    Use a shorter run, a smaller security parameter, or longer slots.`,
  },
  {
    what: "JSON",
    line: "json.scenario.ts",
    says: `error NR-HOST-SCENARIO-SYNTAX: Expected ';', '}' or <eof>
  at DIR/json.scenario.ts:1:9
    1 | { "name": "json" }
      |         ^
  Correct the file; an editor with TypeScript marks the place.`,
  },
  {
    what: "nodes and states that there are not",
    line: "log-node.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 3 problems
  DIR/log-node.scenario.ts:5  NR-PLAN-COUNT
    sometimes("constructor") fork: NaN is not a whole number from 2
    Write a whole number from 2.
  DIR/log-node.scenario.ts:6  NR-PLAN-VALUE
    sometimes("x") names several states
    Give one of fork, nodeBehind, mempool.
  DIR/log-node.scenario.ts:4  NR-PLAN-VALUE
    logs of validator-9 and __proto__ can't be read: the plan has no such nodes
    There are validator-0, validator-1.`,
  },
  {
    what: "a name that is too long",
    line: "long-name.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..." was refused: 1 problem
  DIR/long-name.scenario.ts:2  NR-PLAN-NAME
    scenario("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."): "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..." is not a name
    A name has 1 to 63 letters, digits, dashes and underscores, a letter or digit first.`,
  },
  {
    what: "a method that there is not",
    line: "method.scenario.ts",
    says: `error NR-HOST-SCENARIO-THREW: the scenario file threw TypeError: scenario(...).topologyWith(...).walets is not a function
  at DIR/method.scenario.ts:4
  The error comes from the file's own code, which runs when it is loaded.`,
  },
  {
    what: "metrics that are no names",
    line: "metrics.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 4 problems
  DIR/metrics.scenario.ts:4  NR-PLAN-NAME
    withWorkload("a") metrics: "readMs" is no list of names
    Write a list such as ["readMs", "failures"].
  DIR/metrics.scenario.ts:5  NR-PLAN-NAME
    withWorkload("b") metrics: "x y" is not a name
    Write a list such as ["readMs", "failures"].
  DIR/metrics.scenario.ts:6  NR-PLAN-NAME
    withWorkload("c") metrics: "x" is in it twice
    Write a list such as ["readMs", "failures"].
  DIR/metrics.scenario.ts:7  NR-PLAN-NAME
    withWorkload("d") metrics: undefined is not a name
    Write a list such as ["readMs", "failures"].`,
  },
  {
    what: "a package that is not there",
    line: "missing-package.scenario.ts",
    says: `error NR-HOST-SCENARIO-IMPORT: there is no module "lodash"
  at DIR/missing-package.scenario.ts:1
  Install it beside the scenario: npm install lodash.`,
  },
  {
    what: "figures that are no numbers",
    line: "nan.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 3 problems
  DIR/nan.scenario.ts:4  NR-PLAN-COUNT
    wallets(NaN): NaN is not a whole number from 1 to 1000000
    Write a whole number from 1 to 1000000.
  DIR/nan.scenario.ts:5  NR-PLAN-VALUE
    rate(Infinity): Infinity is not a number above 0
    Write a number above 0, such as 5 or 0.5.
  DIR/nan.scenario.ts:5  NR-PLAN-COUNT
    users(-0.5): -0.5 is not a whole number from 1 to 1000000
    Write a whole number from 1 to 1000000.`,
  },
  {
    what: "a name left out",
    line: "no-name.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan undefined was refused: 1 problem
  DIR/no-name.scenario.ts:2  NR-PLAN-NAME
    scenario(undefined): undefined is not a name
    A name has 1 to 63 letters, digits, dashes and underscores, a letter or digit first.`,
  },
  {
    what: "positions that are none",
    line: "node-index.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 3 problems
  DIR/node-index.scenario.ts:3  NR-PLAN-COUNT
    stake("0", ...): "0" is not a whole number from 0 to 64999
    Write a whole number from 0 to 64999.
  DIR/node-index.scenario.ts:3  NR-PLAN-COUNT
    nodeConfigPatch(NaN, ...): NaN is not a whole number from 0 to 64999
    Write a whole number from 0 to 64999.
  DIR/node-index.scenario.ts:3  NR-PLAN-NODE-INDEX
    stake(7, ...) is of a node that there is not: the network has nodes 0 to 1
    Count validators first (0 to 1), then executors.`,
  },
  {
    what: "null for options",
    line: "null-options.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 4 problems
  DIR/null-options.scenario.ts:5  NR-PLAN-VALUE
    restart was given null for options
    It knows minDelay, maxDelay, targetCooldown, includeValidators, includeExecutors.
  DIR/null-options.scenario.ts:6  NR-PLAN-VALUE
    expect("resources") was given null for options
    It knows maxCpuPercent, maxResidentMiB, maxPrivateMiB.
  DIR/null-options.scenario.ts:8  NR-PLAN-VALUE
    expectLog was given undefined for options
    It knows must, mustNot, nodes.
  DIR/null-options.scenario.ts:8  NR-PLAN-VALUE
    expectLog was given no pattern
    Write expectLog({ mustNot: /panic/i }) or expectLog({ must: /Online/ }).`,
  },
  {
    what: "null for a plan",
    line: "null.scenario.ts",
    says: `error NR-HOST-SCENARIO-EXPORT: the default export of null.scenario.ts is null, not a plan
  A plan is what scenario(...)...build() returns.`,
  },
  {
    what: "a plain object for a plan",
    line: "object.scenario.ts",
    says: `error NR-HOST-SCENARIO-EXPORT: the default export of object.scenario.ts is an object, not a plan
  A plan is what scenario(...)...build() returns.`,
  },
  {
    what: "a file that ends the program",
    line: "process.scenario.ts",
    says: `error NR-HOST-SCENARIO-THREW: process.scenario.ts ended the program while it was loaded
  Leave process.exit out of scenario files: what they export is run once they are loaded.`,
  },
  {
    what: "a promise of a plan",
    line: "promise.scenario.ts",
    says: `error NR-HOST-SCENARIO-EXPORT: the default export of promise.scenario.ts is a promise, not a plan
  A plan is what scenario(...)...build() returns.`,
  },
  {
    what: "names that every object has",
    line: "proto.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 5 problems
  DIR/proto.scenario.ts:4  NR-PLAN-EXPECTATION
    expect("__proto__"): there is no such expectation
    There are agreement, data-availability, divergence, fault-recovery, liveness, no-contradiction, no-unexpected-exit, transaction-inclusion, transaction-limit, conservation, convergence, fair-share, logs, resources, sometimes, thresholds.
  DIR/proto.scenario.ts:5  NR-PLAN-EXPECTATION
    expect("constructor"): there is no such expectation
    There are agreement, data-availability, divergence, fault-recovery, liveness, no-contradiction, no-unexpected-exit, transaction-inclusion, transaction-limit, conservation, convergence, fair-share, logs, resources, sometimes, thresholds.
  DIR/proto.scenario.ts:6  NR-PLAN-EXPECTATION
    without("toString"): there is no such expectation
    There are agreement, data-availability, divergence, fault-recovery, liveness, no-contradiction, no-unexpected-exit, transaction-inclusion, transaction-limit, conservation, convergence, fair-share, logs, resources, sometimes, thresholds.
  DIR/proto.scenario.ts:7  NR-PLAN-OPTION
    expect("liveness") has no option "__proto__"
    It knows falseAlarm, power.
  DIR/proto.scenario.ts:7  NR-PLAN-OPTION
    expect("liveness") has no option "constructor"
    It knows falseAlarm, power.`,
  },
  {
    what: "pieces named as every object's parts",
    line: "protoname.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 2 problems
  DIR/protoname.scenario.ts:4  NR-PLAN-NAME
    withWorkload: "__proto__" is not a name
    A name has 1 to 63 letters, digits, dashes and underscores, a letter or digit first.
  DIR/protoname.scenario.ts:6  NR-PLAN-DUPLICATE
    the workload constructor can't be told apart: another workload has that name
    Give it another name, such as my-constructor.`,
  },
  {
    what: "a file that never ends",
    line: "recursion.scenario.ts",
    says: `error NR-HOST-SCENARIO-THREW: the scenario file threw RangeError: Maximum call stack size exceeded
  at DIR/recursion.scenario.ts:1
  The error comes from the file's own code, which runs when it is loaded.`,
  },
  {
    what: "a file that fails late",
    line: "rejects.scenario.ts",
    says: `error NR-HOST-SCENARIO-THREW: the scenario file threw Error: too late
  at DIR/rejects.scenario.ts:1
  The error comes from the file's own code, which runs when it is loaded.`,
  },
  {
    what: "a file in the old module format",
    line: "require.scenario.ts",
    says: `error NR-HOST-SCENARIO-THREW: the scenario file threw ReferenceError: require is not defined in ES module scope, you can use import instead
  at DIR/require.scenario.ts:1
  The error comes from the file's own code, which runs when it is loaded.`,
  },
  {
    what: "text for numbers",
    line: "strings.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "odd" was refused: 3 problems
  DIR/strings.scenario.ts:4  NR-PLAN-COUNT
    wallets("10"): "10" is not a whole number from 1 to 1000000
    Write a whole number from 1 to 1000000.
  DIR/strings.scenario.ts:5  NR-PLAN-VALUE
    rate("5"): "5" is not a number above 0
    Write a number above 0, such as 5 or 0.5.
  DIR/strings.scenario.ts:7  NR-PLAN-VALUE
    withCapabilities nodeControl: "yes" is neither true nor false
    Write true or false.`,
  },
  {
    what: "a file that throws null",
    line: "throws-null.scenario.ts",
    says: `error NR-HOST-SCENARIO-THREW: the scenario file threw null
  at DIR/throws-null.scenario.ts
  The error comes from the file's own code, which runs when it is loaded.`,
  },
  {
    what: "a file that throws text",
    line: "throws-string.scenario.ts",
    says: `error NR-HOST-SCENARIO-THREW: the scenario file threw just text
  at DIR/throws-string.scenario.ts
  The error comes from the file's own code, which runs when it is loaded.`,
  },
  {
    what: "two default exports",
    line: "twice.scenario.ts",
    says: `error NR-HOST-SCENARIO-SYNTAX: Multiple exports with the same name "default"
  at DIR/twice.scenario.ts:3:8
    3 | export default scenario("b").build();
      |        ^
  Correct the file; an editor with TypeScript marks the place.`,
  },
  {
    what: "a name that shows as another",
    line: "unicode.scenario.ts",
    says: `error NR-PLAN-REFUSED: the plan "\\u202egnp.exe" was refused: 1 problem
  DIR/unicode.scenario.ts:2  NR-PLAN-NAME
    scenario("\\u202egnp.exe"): "\\u202egnp.exe" is not a name
    A name has 1 to 63 letters, digits, dashes and underscores, a letter or digit first.`,
  },
];
