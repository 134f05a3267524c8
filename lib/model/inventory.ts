/** Who made something: the run itself, a fault of its, the guardian, or somebody else. */
export type MadeBy = "run" | "fault" | "guardian" | "foreign";

export interface InventoryItem {
  /** `process`, `container`, `network`, `volume`, `kubernetes`, `filter`, `socket`, `file`. */
  readonly kind: "process" | "container" | "network" | "volume" | "kubernetes" | "filter" | "socket" | "file";
  /** Unique in the run: `pid 4711 @ 123456` for a process. */
  readonly id: string;
  /** What a person calls it: `validator-0, start 2`. */
  readonly name: string;
  readonly by: MadeBy;
}

/** The book of everything that a run made in the world. One item for each process start. */
export interface Inventory {
  /** Entered as soon as the thing has an identity. `gone` looks at the world, not at a book. */
  add(item: InventoryItem, gone: () => Promise<boolean>): void;
  /** Somebody else was seen to remove this item. */
  removedByOthers(id: string): void;
}

/** The book as `run.json` holds it. `removed` counts what a look at the world no longer finds. */
export interface InventorySummary {
  readonly created: number;
  readonly removed: number;
  readonly items: readonly (InventoryItem & {
    readonly removed: boolean;
    /** Only where somebody else was seen to remove it. */
    readonly removedBy?: "foreign";
  })[];
}
