import { scenario } from "./program.ts";

/**
 * The chaos scenario in slots of 250 ms, for 100 of them instead of its 45: room for more than two restarts. With 50 wallets
 * instead of 20, which last four blocks: a restart costs the machine as much time as ever, and so eight times as many slots as
 * in the default profile. The scenario as it is runs in `scripts/soak chaos compose-chaos`.
 */
export const CHAOS = [
  scenario("chaos"),
  ...["--profile", "fast", "--duration", "25s", "--seed", "chaos-test"],
  ...["--set", "workloads.transactions.options.users=50"],
];
