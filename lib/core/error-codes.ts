/** How a coded error ends the process; the numbers are in `lib/cli/exit-codes.ts`. */
export type ErrorClass =
  /** Refused before the start because of what the user wrote. */
  | "refused"
  /** The world failed us: engine, disk, port, timeout, a bug of ours. */
  | "error";

interface CodeEntry {
  readonly class: ErrorClass;
  /** One line that names the situation, without its particulars. */
  readonly title: string;
}

/**
 * Every error code the product can show. A code is never reused for another meaning.
 * Grouped by the room that raises it; keep each group sorted.
 */
export const ERROR_CODES = {
  // chain
  "NR-CHAIN-BLOB-INCONSISTENT": { class: "error", title: "A blob's shares are no codeword" },
  "NR-CHAIN-BLOB-LAYOUT": { class: "refused", title: "A blob can't be coded into that many shares" },
  "NR-CHAIN-BLOB-SIZE": { class: "refused", title: "A blob is empty or too large" },
  "NR-CHAIN-DECODE": { class: "error", title: "Bytes don't follow the chain's binary layout" },
  "NR-CHAIN-ENCODE": { class: "error", title: "A value doesn't fit the chain's binary layout" },
  "NR-CHAIN-GENESIS": { class: "refused", title: "A genesis is not well formed" },
  "NR-CHAIN-JSON": { class: "error", title: "JSON doesn't follow the node's HTTP contract" },
  "NR-CHAIN-SHARE-INVALID": { class: "error", title: "A share doesn't belong to its blob" },
  "NR-CHAIN-SHARES-TOO-FEW": { class: "error", title: "Too few shares to recover a blob" },
  // cli
  "NR-CLI-ARGUMENT": { class: "refused", title: "A command's argument is missing or is one too many" },
  "NR-CLI-COMMAND": { class: "refused", title: "There is no such command" },
  "NR-CLI-NODE-UNKNOWN": { class: "refused", title: "A run has no log of that node" },
  "NR-CLI-OPTION": { class: "refused", title: "A command line's option can't be taken" },
  "NR-CLI-RUN-ALIVE": { class: "refused", title: "The run is still at work" },
  "NR-CLI-RUN-UNKNOWN": { class: "refused", title: "There is no such run" },
  "NR-CLI-TYPES": { class: "refused", title: "A scenario file has type errors" },
  "NR-CLI-VALUE": { class: "refused", title: "An option's value can't be read" },
  // core
  "NR-CORE-DEADLINE": { class: "error", title: "A wait passed its deadline" },
  "NR-CORE-DURATION": { class: "refused", title: "A duration can't be read" },
  "NR-CORE-INTERNAL": { class: "error", title: "An internal invariant was broken" },
  "NR-CORE-INTERRUPTED": { class: "error", title: "The work was cancelled" },
  // evidence
  "NR-EVIDENCE-ALTERED": { class: "error", title: "A run's evidence is not as the run wrote it" },
  "NR-EVIDENCE-CUT": { class: "error", title: "A run's evidence is not whole" },
  "NR-EVIDENCE-LINE": { class: "error", title: "A line of an event stream is no event" },
  "NR-EVIDENCE-ORDER": { class: "error", title: "Lines of an event stream are missing or in another order" },
  "NR-EVIDENCE-SCENARIO": { class: "refused", title: "A run's own expectations can't be loaded again" },
  // host
  "NR-HOST-ARCHIVE": { class: "error", title: "An archive can't be unpacked" },
  "NR-HOST-CHECKSUM": { class: "error", title: "A file is not the one that its checksum names" },
  "NR-HOST-COMMAND": { class: "error", title: "A command failed" },
  "NR-HOST-COMPILER": { class: "error", title: "No TypeScript compiler can be run" },
  "NR-HOST-DECLARATIONS": { class: "error", title: "The type declarations can't be written" },
  "NR-HOST-DISK-FULL": { class: "error", title: "The disk of a run is full" },
  "NR-HOST-DOWNLOAD": { class: "error", title: "A file can't be fetched" },
  "NR-HOST-DOWNLOAD-MISSING": { class: "error", title: "A server doesn't have the file" },
  "NR-HOST-GUARDIAN-DIED": { class: "error", title: "The guardian process ended before its run" },
  "NR-HOST-GUARDIAN-START": { class: "error", title: "The guardian process did not start" },
  "NR-HOST-NO-SHELL": { class: "error", title: "A command needs a shell, and there is none" },
  "NR-HOST-SCENARIO-COMPILE": { class: "error", title: "A scenario file can't be compiled on this machine" },
  "NR-HOST-SCENARIO-EXPORT": { class: "refused", title: "A scenario file doesn't export the plan that is asked for" },
  "NR-HOST-SCENARIO-FILE": { class: "refused", title: "There is no such scenario file" },
  "NR-HOST-SCENARIO-IMPORT": { class: "refused", title: "A scenario file imports what doesn't exist" },
  "NR-HOST-SCENARIO-STUCK": { class: "refused", title: "Loading a scenario file doesn't come to an end" },
  "NR-HOST-SCENARIO-SYNTAX": { class: "refused", title: "A scenario file has a syntax error" },
  "NR-HOST-SCENARIO-THREW": { class: "refused", title: "A scenario file throws an error while it is loaded" },
  "NR-HOST-SPAWN": { class: "error", title: "A program can't be started" },
  "NR-HOST-WRITE": { class: "error", title: "A file of a run can't be written" },
  // deployers
  "NR-LOCAL-ADDRESSES": { class: "error", title: "No free addresses for the nodes" },
  "NR-LOCAL-NODES": { class: "refused", title: "More nodes than this backend has addresses for" },
  "NR-LOCAL-NODE-STATE": { class: "error", title: "A node is not in the state that an act on it needs" },
  "NR-LOCAL-PORT-TAKEN": { class: "error", title: "Another program has a node's port" },
  "NR-LOCAL-UNKILLABLE": { class: "error", title: "A node's process survives SIGKILL" },
  "NR-SIM-NODE-KIND": { class: "refused", title: "The node kind can't be simulated" },
  "NR-SIM-OUTSIDE": { class: "error", title: "Something in a simulated run waits for real time" },
  "NR-NODE-UNKNOWN": { class: "refused", title: "No node has that name" },
  // nodes
  "NR-NODE-ANSWER": { class: "error", title: "A node answered what its contract doesn't know" },
  "NR-NODE-CONFIG": { class: "refused", title: "A node's configuration file can't be used" },
  "NR-NODE-KIND": { class: "refused", title: "Nodes of this kind can't be asked that" },
  "NR-NODE-MISSING": { class: "error", title: "This machine lacks what its nodes need" },
  "NR-NODE-PORT": { class: "error", title: "A node can't listen at its address" },
  "NR-NODE-STATUS": { class: "error", title: "A node answered with an HTTP error" },
  "NR-NODE-STORE": { class: "error", title: "A node's state on disk can't be used" },
  "NR-NODE-TIMEOUT": { class: "error", title: "A node did not answer in time" },
  "NR-NODE-UNREACHABLE": { class: "error", title: "A node can't be connected to" },
  // plan
  "NR-PLAN-BLOB-RATE": { class: "refused", title: "More blobs than the channels can carry" },
  "NR-PLAN-CAPABILITY": { class: "refused", title: "The backend or node kind can't do what the plan needs" },
  "NR-PLAN-CONSENSUS": { class: "refused", title: "A consensus parameter is out of range" },
  "NR-PLAN-COUNT": { class: "refused", title: "A count is not a whole number in range" },
  "NR-PLAN-DELAYS": { class: "refused", title: "Delays of faults don't go together" },
  "NR-PLAN-DUPLICATE": { class: "refused", title: "A name is taken" },
  "NR-PLAN-ENVIRONMENT": { class: "refused", title: "An environment variable can't be read" },
  "NR-PLAN-EXPECTATION": { class: "refused", title: "An expectation is unknown, contradicted or has nothing to judge" },
  "NR-PLAN-FORKS": { class: "refused", title: "Healthy nodes of this network may disagree about final blocks" },
  "NR-PLAN-FUNDS": { class: "refused", title: "Wallet funds don't suffice" },
  "NR-PLAN-IMPOSSIBLE": { class: "refused", title: "Something planned can't work" },
  "NR-PLAN-JSON": { class: "refused", title: "Options or a patch are not JSON" },
  "NR-PLAN-LOCK-ALTERED": { class: "refused", title: "A plan does not match its digest" },
  "NR-PLAN-LOCK-FOREIGN": { class: "refused", title: "A file is not a plan lock that this version reads" },
  "NR-PLAN-NAME": { class: "refused", title: "A name is malformed" },
  "NR-PLAN-NO-CHAIN": { class: "refused", title: "The plan needs a blockchain, and its nodes make none" },
  "NR-PLAN-NO-EXECUTOR": { class: "refused", title: "Blobs are planned without an executor" },
  "NR-PLAN-NO-FAULT": { class: "refused", title: "Chaos is planned without a fault" },
  "NR-PLAN-NO-NODES": { class: "refused", title: "The network has no node" },
  "NR-PLAN-NO-TARGET": { class: "refused", title: "No node may be hit by the planned faults" },
  "NR-PLAN-NODE-CONTROL": { class: "refused", title: "Faults are planned without node control" },
  "NR-PLAN-NODE-INDEX": { class: "refused", title: "A setting is of a node that there is not" },
  "NR-PLAN-OPTION": { class: "refused", title: "An option is unknown" },
  "NR-PLAN-PARTITION": { class: "refused", title: "A cut of the network outlives finality" },
  "NR-PLAN-PROFILE": { class: "refused", title: "The profile is unknown or doesn't fit the node kind" },
  "NR-PLAN-QUORUM": { class: "refused", title: "A fault takes too many nodes away at once" },
  "NR-PLAN-REFUSED": { class: "refused", title: "A plan can't be run as written" },
  "NR-PLAN-RUN-LONG": { class: "refused", title: "The run is too long" },
  "NR-PLAN-RUN-SHORT": { class: "refused", title: "The run is too short" },
  "NR-PLAN-SET-PATH": { class: "refused", title: "--set names a field that can't be set" },
  "NR-PLAN-SET-VALUE": { class: "refused", title: "--set gives a value of the wrong type" },
  "NR-PLAN-SLOT": { class: "refused", title: "The node kind can't run slots of that length" },
  "NR-PLAN-TOO-MANY-NODES": { class: "refused", title: "The network is larger than any backend holds" },
  "NR-PLAN-TX-RATE": { class: "refused", title: "More transactions than the wallets can carry" },
  "NR-PLAN-UNKNOWN": { class: "refused", title: "A backend, node kind, workload or expectation is unknown" },
  "NR-PLAN-URL": { class: "refused", title: "A URL can't be used" },
  "NR-PLAN-VALUE": { class: "refused", title: "A value is of the wrong type or out of range" },
  "NR-PLAN-WALLETS": { class: "refused", title: "Fewer wallets than the transactions need" },
  "NR-PLAN-WINDOW": { class: "refused", title: "The run is too short to judge liveness" },
  // tasks
  "NR-TASK-ALTERED": { class: "error", title: "A task's output was changed since the task made it" },
  "NR-TASK-BUSY": { class: "error", title: "Another process makes the same thing" },
  "NR-TASK-BUNDLE": { class: "error", title: "A bundle is not what was asked for" },
  "NR-TASK-CYCLE": { class: "refused", title: "Tasks need each other in a circle" },
  "NR-TASK-FAILED": { class: "error", title: "A task failed" },
  "NR-TASK-FOREIGN": { class: "error", title: "Something that no task made is in an output's place" },
  "NR-TASK-INPUT": { class: "refused", title: "A task's input can't be used" },
  "NR-TASK-OPTION": { class: "refused", title: "A task's option can't be taken" },
  "NR-TASK-OUTPUT": { class: "error", title: "A task did not make what it promises" },
  "NR-TASK-TOOL": { class: "error", title: "A program that a task needs is not here" },
  "NR-TASK-UNKNOWN": { class: "refused", title: "There is no such task" },
  // library
  "NR-LIB-CLOSED": { class: "error", title: "A deployed network was closed" },
  "NR-LIB-FUNDS": { class: "error", title: "A wallet has too little for a transfer" },
  "NR-LIB-OPTION": { class: "refused", title: "An option of the library can't be taken" },
  "NR-LIB-PLAN": { class: "refused", title: "The library was given something that is no plan" },
  "NR-LIB-TX": { class: "error", title: "No node took a transfer" },
  // run
  "NR-RUN-BASELINE": { class: "error", title: "The network made no common block" },
  "NR-RUN-FEED": { class: "error", title: "A node's chain does not add up" },
  "NR-RUN-FORCED": { class: "error", title: "The teardown was cut short" },
  "NR-RUN-LEFTOVER": { class: "error", title: "Something of the run could not be removed" },
  "NR-RUN-NODE-DIED": { class: "error", title: "A node ended before the network was ready" },
  "NR-RUN-READY": { class: "error", title: "The network did not become ready" },
  "NR-RUN-RECORD": { class: "error", title: "The event stream can't be written" },
  "NR-RUN-STAGE": { class: "error", title: "A stage failed or passed its deadline" },
  "NR-RUN-TEARDOWN": { class: "error", title: "A teardown step failed or passed its deadline" },
} as const satisfies Record<string, CodeEntry>;

/** A code of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;
