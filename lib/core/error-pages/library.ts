import { page } from "./page.ts";

/** Pages of codes that programs meet which deploy and run plans themselves. */
export const LIBRARY_PAGES = {
  "NR-LIB-CLOSED": page(
    "A call came to a deployed network that was closed.",
    "close() or the end of an await using scope came before the work was done.",
    "Await what is under way before closing, or deploy another network.",
  ),
  "NR-LIB-EVENT": page(
    "The function that was given as onEvent threw, and the run was ended for it.",
    "An assertion in it, or an event that it didn't think of.",
    "Let it only take notes; look at what was noted when the run is over.",
  ),
  "NR-LIB-FUNDS": page(
    "A wallet has too little for a transfer, or the amount is none.",
    "Transfers that are still under way have spent its notes, or the scenario gives wallets less.",
    "Ask balance(), pay less, or give the scenario more with wallets({ count, totalFunds }).",
  ),
  "NR-LIB-OPTION": page(
    "deploy, run or a call of the deployed network was given an option that it doesn't take.",
    "A typing error in a program that isn't type-checked.",
    "The hint has the nearest option, or what it must be.",
  ),
  "NR-LIB-PLAN": page(
    "deploy or run was given something that is no plan.",
    "A missing .build().",
    "Give what scenario(...)...build() returns.",
  ),
  "NR-LIB-TX": page(
    "A transfer was not taken: no node was there to take it, or the node refused it with the reason in the message.",
    "All nodes are stopped, or the wallet's notes were spent by something else.",
    "Start a node; pay by one deployed network's transfer() only.",
  ),
};
