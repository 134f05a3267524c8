import { page } from "./page.ts";

const FIGURES = "Take one of the values that the message says would do.";

/** Pages of codes that planning raises: nothing has been started then. */
export const PLAN_PAGES = {
  "NR-PLAN-BLOB-RATE": page(
    "Channels are serial: each carries at most so many messages a block, and the blobs planned are more.",
    "blobRate too high for channelRate.",
    "Open more channels or plan fewer blobs; the message has the numbers.",
  ),
  "NR-PLAN-CAPABILITY": page(
    "A fault or workload needs what this backend or node kind can't do.",
    "A scenario written for another backend.",
    "plan prints which can do what: use --deployer, or leave the fault out.",
  ),
  "NR-PLAN-CONSENSUS": page(
    "Slot length, security parameter or active slot coefficient is out of range.",
    "A typing error in the scenario, a flag or CONSENSUS_*.",
    FIGURES,
  ),
  "NR-PLAN-COUNT": page(
    "A count is not a whole number in its range.",
    "A fraction, a negative number, or too many.",
    FIGURES,
  ),
  "NR-PLAN-DELAYS": page(
    "Delays of faults contradict each other.",
    "A shortest delay above the longest, or a cooldown below the shortest delay.",
    FIGURES,
  ),
  "NR-PLAN-DUPLICATE": page(
    "Two workloads, expectations or nodes of a plan have one name.",
    "The same piece added twice.",
    "Give each a name of its own.",
  ),
  "NR-PLAN-ENVIRONMENT": page(
    "A variable is malformed, contradicts its twin, or asks for what can't be had here.",
    "A typing error, or an environment that was made for the Rust framework.",
    "nomos-run env shows every variable; docs/environment.md says what became of the original's.",
  ),
  "NR-PLAN-EXPECTATION": page(
    "An expectation is unknown, contradicted, or the plan has nothing that it could judge.",
    "expect() or without() with the name of a workload that is not there.",
    "Add that workload, or leave the expectation out.",
  ),
  "NR-PLAN-FORKS": page(
    "By chance alone, healthy nodes of this network may come to differ about final blocks, so agreement can't be promised.",
    "A small security parameter with the tie rule of first sight.",
    "Raise k as the message says, or use the tie rule of the smaller id.",
  ),
  "NR-PLAN-FUNDS": page(
    "The wallets' funds don't give each wallet a token.",
    "A total below the number of wallets.",
    FIGURES,
  ),
  "NR-PLAN-IMPOSSIBLE": page("Something planned can't work.", "Figures that contradict each other.", FIGURES),
  "NR-PLAN-JSON": page(
    "Options and configuration patches are recorded as JSON, and this is none.",
    "A function, a bigint, NaN, or an object of a class.",
    "Use plain numbers, texts, lists and objects.",
  ),
  "NR-PLAN-LIMITS": page(
    "The plan limits what each node may take of its machine, and the backend has no means for that: nodes take what they want.",
    "Limits that were written for containers, run as processes, in a simulation or against a network that is there.",
    "Use --deployer compose, or take limits as without effect here.",
  ),
  "NR-PLAN-LOCK-ALTERED": page(
    "The plan in a plan.lock.json is not the one that its digest is of.",
    "The file was edited.",
    "Use the file as the run wrote it; recheck --set replaces limits.",
  ),
  "NR-PLAN-LOCK-FOREIGN": page(
    "A file is no plan lock, or of a version that this program doesn't read.",
    "Another file was named, or another version wrote it.",
    "Name a plan.lock.json, or use the version in its environment.build.",
  ),
  "NR-PLAN-NAME": page(
    "A name has characters that files, containers or paths can't have, or is empty.",
    "Spaces or dots in the name of a scenario, workload or expectation.",
    "Use letters, digits and dashes.",
  ),
  "NR-PLAN-NO-CHAIN": page(
    "Transactions, blobs, wallets, link faults by leader and several expectations are about a blockchain. Nodes of the scenario's own kind make none.",
    "withNodeKind in a scenario that was written for the chain's own nodes.",
    "Leave out what the message names, and bring a workload and an expectation of your own.",
  ),
  "NR-PLAN-NO-EXECUTOR": page(
    "Only executors disperse blobs, and there is none.",
    "executors(0) with daWith.",
    "Plan an executor, or leave out daWith.",
  ),
  "NR-PLAN-NO-FAULT": page(
    "chaosWith was used without naming a fault.",
    "An empty chaosWith.",
    "Add .restart() or another fault, or leave chaosWith out.",
  ),
  "NR-PLAN-NO-NODES": page(
    "The network has no node.",
    "validators(0) and executors(0), or neither.",
    "Plan at least one validator.",
  ),
  "NR-PLAN-NO-TARGET": page(
    "Every node is excluded from the planned faults, or must not be hit.",
    "A network of a single validator, or both roles excluded.",
    "Plan more nodes, or include a role.",
  ),
  "NR-PLAN-NODE-CONTROL": page(
    "Faults, and workloads of your own that name what they need, act on nodes, which is asked for expressly.",
    "enableNodeControl() is missing.",
    "Add .enableNodeControl().",
  ),
  "NR-PLAN-NODE-INDEX": page(
    "A setting is of a node that the plan doesn't have.",
    "nodeConfigPatch(i) counts validators from 0, then executors.",
    "Correct the number.",
  ),
  "NR-PLAN-OPTION": page(
    "A workload, fault or expectation has no such option.",
    "A typing error.",
    "The hint has the nearest name.",
  ),
  "NR-PLAN-PARTITION": page(
    "A cut of the network lasts so long that both sides may finalise blocks of their own, which no healing mends.",
    "A partition longer than k blocks take on both sides.",
    "Shorten it, raise k, or expect divergence if that is what the test is about.",
  ),
  "NR-PLAN-PROFILE": page(
    "The profile is unknown, or the node kind can't run its slots.",
    "A typing error, or --profile fast with real nodes.",
    "Use default or fast.",
  ),
  "NR-PLAN-QUORUM": page(
    "A fault takes away so many nodes at once that the rest is no majority of the stake.",
    "Targets, or maxUnavailable, beyond what the network bears.",
    "Hit fewer nodes at once, or plan more of them.",
  ),
  "NR-PLAN-REFUSED": page(
    "A plan, an environment or a flag can't be taken; the message lists everything that is wrong.",
    "One problem or several, each with a code of its own.",
    "Each has its place and what would do; explain its code for more.",
  ),
  "NR-PLAN-RUN-LONG": page("The run is longer than any run is let be.", "A duration with the wrong unit.", FIGURES),
  "NR-PLAN-RUN-SHORT": page(
    "The run is over before the network has done anything.",
    "A duration below two slots.",
    FIGURES,
  ),
  "NR-PLAN-SET-PATH": page(
    "--set names a field that is not there, follows from others, or is no single field.",
    "A typing error, or a field with a flag of its own.",
    "plan --json shows every field; the hint has the nearest or says what decides it.",
  ),
  "NR-PLAN-SET-VALUE": page(
    "--set gives a value that the field can't have.",
    "A word where a number is.",
    "The hint says what it must be.",
  ),
  "NR-PLAN-SLOT": page(
    "The node kind can't run slots of that length.",
    "Real nodes take whole seconds.",
    "Use a whole number of seconds, or the embedded node.",
  ),
  "NR-PLAN-TOO-MANY-NODES": page("The network has more nodes than can be addressed.", "A typing error.", FIGURES),
  "NR-PLAN-TX-RATE": page(
    "A wallet has one transaction in flight, so that the wallets carry only so many a block.",
    "A rate above what users() can keep up.",
    "Use more users or a lower rate; the message has both numbers.",
  ),
  "NR-PLAN-UNJUDGED": page(
    "The plan has no expectation left, so that its run passes whatever happens.",
    "Every expectation was switched off with without(...).",
    "Leave out a without, or add an expectation of the scenario or of your own.",
  ),
  "NR-PLAN-UNKNOWN": page(
    "There is no backend, node kind, workload or expectation of that name.",
    "A typing error, or a piece of another version.",
    "The hint lists those that there are.",
  ),
  "NR-PLAN-URL": page("A URL is none, or not of http or https.", "A missing http://.", "Write the whole URL."),
  "NR-PLAN-VALUE": page(
    "A value is of the wrong type or out of range.",
    "A typing error, or a scenario that was not type-checked.",
    FIGURES,
  ),
  "NR-PLAN-WALLETS": page(
    "Transactions are to use more wallets than there are.",
    "users() above wallets().",
    "Plan more wallets or fewer users.",
  ),
  "NR-PLAN-WINDOW": page(
    "In so short a run liveness can't be told from chance.",
    "A duration below what judging takes.",
    "plan prints the shortest duration that can.",
  ),
};
