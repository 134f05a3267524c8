import { page } from "./page.ts";

const CONTRACT = "A node of another version, or one whose files were altered.";
const REPORT = "Keep the run folder and report it.";

/** Pages of codes that the chain, the nodes and the backends raise. */
export const NETWORK_PAGES = {
  "NR-CHAIN-BLOB-INCONSISTENT": page(
    "The shares of a blob are valid one by one, but together they are no codeword of the code that spread it.",
    "A disperser that coded the blob wrongly, by fault or on purpose.",
    "Look at who dispersed it: the events blob.submitted and blob.dispersed name the node.",
  ),
  "NR-CHAIN-BLOB-LAYOUT": page(
    "Reed-Solomon coding has no solution for that number of shares.",
    "More nodes than the code has symbols for, or none.",
    "Plan at least one node and at most as many as the message says.",
  ),
  "NR-CHAIN-BLOB-SIZE": page(
    "A blob has to have between one byte and the limit of the node's HTTP body.",
    "blobSize is 0 or too large for JSON in 10 MiB.",
    "Set blobSize to what the message allows.",
  ),
  "NR-CHAIN-DECODE": page("Bytes can't be read as what the chain says they are.", CONTRACT, REPORT),
  "NR-CHAIN-ENCODE": page(
    "A value can't be written in the chain's binary layout, which counts most lists in one byte.",
    "More than 255 inputs or outputs, or a number outside its range.",
    "Split it, or make it smaller.",
  ),
  "NR-CHAIN-GENESIS": page(
    "The first state of the chain contradicts itself.",
    "A configuration that was edited by hand.",
    "Let the run render it: change the scenario and not the file.",
  ),
  "NR-CHAIN-JSON": page("JSON of a node's API doesn't have the form that its contract gives it.", CONTRACT, REPORT),
  "NR-CHAIN-SHARE-INVALID": page(
    "A share's proof doesn't lead to its blob's commitment.",
    "Its holder has lost or altered it.",
    "The message names share and holder; look at that node's log and disk.",
  ),
  "NR-CHAIN-SHARES-TOO-FEW": page(
    "Fewer shares of a blob are there than its code needs to give it back.",
    "More holders are down, or have lost their shares, than the code allows for.",
    "Look at blob.read in the events: it has what each holder answered.",
  ),
  "NR-LOCAL-ADDRESSES": page(
    "No set of loopback addresses and ports is free for all nodes.",
    "Other networks on this machine, or programs that listen on every address.",
    "End other runs: nomos-run ps lists them and nomos-run clean removes what was left.",
  ),
  "NR-LOCAL-NODES": page(
    "The backend has no addresses for so many nodes.",
    "A count beyond what loopback holds.",
    "Plan fewer nodes; the message has the limit. Thousands of nodes run with --deployer sim.",
  ),
  "NR-NODE-STATE": page(
    "A node is not in the state that an act on it needs: it is down already, or still up.",
    "Two faults, or a fault and a workload of your own, that act on one node.",
    "Leave control of a node to one of them at a time.",
  ),
  "NR-LOCAL-PORT-TAKEN": page(
    "While a node was down, another program began to listen at its address.",
    "A program on this machine that takes ports as it finds them.",
    "The message names the program: end it, or give it another port, and run again.",
  ),
  "NR-NODE-UNKILLABLE": page(
    "A node's process is still there some time after SIGKILL.",
    "It waits within the kernel, mostly for a disk that doesn't answer.",
    "Look at the disk of the run folder; nomos-run clean removes the process later.",
  ),
  "NR-SIM-NODE-KIND": page(
    "Only the embedded node can be run in virtual time.",
    "--deployer sim with a node kind whose nodes are processes.",
    "Leave --node-kind away, or use --deployer local.",
  ),
  "NR-SIM-OUTSIDE": page(
    "In a simulated run something waits for real time, so virtual time can't go on.",
    "A workload or expectation of your own that uses a timer, a socket or a file.",
    "Wait by ctx.clock, or run it with --deployer local.",
  ),
  "NR-NODE-UNKNOWN": page(
    "The network has no node of that name.",
    "A typing error, or fewer nodes than thought.",
    "Names are validator-0 ... and executor-0 ...; the hint has the nearest.",
  ),
  "NR-NODE-ANSWER": page("A node's answer is not what its HTTP contract has.", CONTRACT, REPORT),
  "NR-NODE-CONFIG": page(
    "A node's configuration file can't be read or contradicts itself.",
    "nodeConfigPatch with a field or value that the node doesn't know.",
    "Correct the field that the message names.",
  ),
  "NR-NODE-KIND": page(
    "A node was asked for what nodes of its kind don't have: a blockchain, or the client of another kind.",
    "A workload or expectation that was written for other nodes, or --node-kind.",
    "Ask the node by the client of its own kind, which kind.client(node) gives.",
  ),
  "NR-NODE-MISSING": page(
    "The check of the scenario's own node kind found that this machine can't run such nodes.",
    "A program that is not installed, or one of another version than the scenario needs.",
    "Install what the message names. plan needs none of it.",
  ),
  "NR-NODE-PORT": page(
    "A node can't listen where its configuration says.",
    "Another program has the port.",
    "End that program; nomos-run ps shows whether it is a run's.",
  ),
  "NR-NODE-STATUS": page(
    "A node answered a request with an HTTP error.",
    "It can't do what was asked, or not now; its text is in the message.",
    "Look at the node's log: nomos-run logs RUN NODE.",
  ),
  "NR-NODE-STORE": page(
    "What a node has on its disk is not what it wrote.",
    "A disk fault, or files that were altered.",
    "Keep the folder and look at the node's log; a new run starts with an empty disk.",
  ),
  "NR-NODE-TIMEOUT": page(
    "A node took a connection and did not answer in time.",
    "It is paused, overloaded, or hangs.",
    "Look at the node's log and at the load of the machine.",
  ),
  "NR-NODE-UNREACHABLE": page(
    "Nobody listens at a node's address.",
    "The node has ended, or has not started yet.",
    "node.started and node.ended in the events say when and why; its log says more.",
  ),
};
