import { page } from "./page.ts";

/** Pages of codes that runs meet which attach to nodes that are up already. */
export const ATTACH_PAGES = {
  "NR-ATTACH-CHAIN": page(
    "The nodes attached to don't show one chain that grows.",
    "Addresses of nodes of two networks, a network that makes no blocks, or one whose chain doesn't reach back far enough.",
    "Look at each node's /cryptarchia/info; name nodes of one network that makes blocks.",
  ),
  "NR-ATTACH-CONTROL": page(
    "A workload or expectation was to stop, start or cut off a node that the run is only attached to.",
    "A custom workload that uses ctx.cluster.control.",
    "Run the scenario on a network of its own: nomos-run run.",
  ),
  "NR-ATTACH-EXPECTATION": page(
    "An expectation needs more than a network shows from outside.",
    "Logs or resources of nodes on another machine, or notes from before the run.",
    "Switch it off with .without(name), or attach to a run of this machine with --run.",
  ),
  "NR-ATTACH-KEYS": page(
    "The file of wallet keys can't be read.",
    "It is not JSON, or an entry lacks its secret, note or value.",
    'Write [{ "secret": "64 hex digits", "note": "64 hex digits", "value": "100" }]. What is in the file is never shown.',
  ),
  "NR-ATTACH-NETWORK": page(
    "The plan describes another network than the one attached to.",
    "Another scenario file, or a node without an address.",
    "Name an address for each node of the plan; with --run use the scenario that the run was deployed from.",
  ),
  "NR-ATTACH-NODE": page(
    "Something at the named addresses doesn't answer as a node; the message says what each did.",
    "A wrong port, a node that is down, another program.",
    "Name the address of each node's HTTP API, as nomos-run up prints it.",
  ),
  "NR-ATTACH-READ-ONLY": page(
    "A workload of the scenario's own was to send something in a run that may only read.",
    "--allow-writes was not given.",
    "Give --allow-writes when the network may be written to.",
  ),
  "NR-ATTACH-SLOTS": page(
    "The network's slots are not as long as the plan says.",
    "Another profile, or another CONSENSUS_SLOT_TIME, than the network was deployed with.",
    "Give the plan the network's slot length: what is judged is reckoned by it.",
  ),
  "NR-ATTACH-WALLETS": page(
    "A workload sends from more wallets than there are keys for.",
    "No --keys, or a file with too few.",
    "Give more keys, or let the workload send from fewer wallets.",
  ),
  "NR-ATTACH-WRITES": page(
    "The plan would write to the network that the run attaches to.",
    "Transactions or blobs in the scenario, and no --allow-writes.",
    "Give --allow-writes if that network may be written to, or leave the workload out.",
  ),
};
