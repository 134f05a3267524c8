import type { EventSink } from "../model/events.ts";
import type { Inventory, InventoryItem, InventorySummary } from "../model/inventory.ts";

/** The run's inventory book. */
export class InventoryBook implements Inventory {
  readonly #events: EventSink;
  readonly #taken = new Set<string>();
  readonly #entries: { item: InventoryItem; gone: () => Promise<boolean> }[] = [];

  constructor(events: EventSink) {
    this.#events = events;
  }

  add(item: InventoryItem, gone: () => Promise<boolean>): void {
    this.#entries.push({ item, gone });
    this.#events.emit("inventory.created", { ...item });
  }

  removedByOthers(id: string): void {
    this.#taken.add(id);
    this.#events.emit("inventory.removed", { id, removed: true, by: "foreign" });
  }

  /** Looks for every item in the world, and records what is no longer there. What can't be looked for is taken for left. */
  async audit(): Promise<InventorySummary> {
    const items = await Promise.all(
      this.#entries.map(async ({ item, gone }) => {
        // Whoever could tell may be gone itself: an engine that ended and doesn't come back.
        const removed = await gone().catch(() => false);
        const taken = this.#taken.has(item.id);
        if (!taken) this.#events.emit("inventory.removed", { id: item.id, removed });
        return { ...item, removed, ...(taken && { removedBy: "foreign" as const }) };
      }),
    );
    return { created: items.length, removed: items.filter((item) => item.removed).length, items };
  }
}
