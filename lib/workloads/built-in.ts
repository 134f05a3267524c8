import type { WorkloadFactory } from "../model/workload.ts";
import { chaos } from "./chaos/chaos.ts";
import { dataAvailability } from "./data-availability/data-availability.ts";
import { transactions } from "./transactions/transactions.ts";

/** The workloads that come with the product, by kind. */
export const BUILT_IN_WORKLOADS: ReadonlyMap<string, WorkloadFactory> = new Map(
  [transactions, dataAvailability, chaos].map((factory) => [factory.kind, factory]),
);
