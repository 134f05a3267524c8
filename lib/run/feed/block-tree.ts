import type { HeaderId, MessageId, TxHash } from "../../chain/types.ts";
import { must } from "../../core/errors.ts";
import type { HeadChange, SeenBlock } from "../../model/feed.ts";

/** Every block seen on any branch, and the canonical chain through them. */
export class BlockTree {
  readonly #blocks = new Map<HeaderId, SeenBlock>();
  readonly #root: SeenBlock;
  /** Canonical block ids by height above the root's. */
  readonly #canonical: HeaderId[];
  readonly #txs = new Map<TxHash, SeenBlock[]>();
  readonly #messages = new Map<MessageId, SeenBlock[]>();

  /** @param root what all blocks descend from: genesis, or another block that no reorganisation reaches */
  constructor(root: SeenBlock) {
    this.#root = root;
    this.#blocks.set(root.id, root);
    this.#canonical = [root.id];
  }

  has(id: HeaderId): boolean {
    return this.#blocks.has(id);
  }

  get(id: HeaderId): SeenBlock | undefined {
    return this.#blocks.get(id);
  }

  head(): SeenBlock {
    return must(this.#blocks.get(must(this.#canonical.at(-1), "canonical head")), "canonical head");
  }

  isCanonical(id: HeaderId): boolean {
    const block = this.#blocks.get(id);
    return block !== undefined && this.#canonical[block.height - this.#root.height] === id;
  }

  /** The block at `height` on the way to `id`; undefined above it. */
  ancestorAt(id: HeaderId, height: number): HeaderId | undefined {
    let block = this.#blocks.get(id);
    while (block && block.height > height && !this.isCanonical(block.id)) block = this.#blocks.get(block.parent);
    if (!block || block.height < height) return undefined;
    return block.height === height ? block.id : this.#canonical[height - this.#root.height];
  }

  /** Adds a block whose parent is in the tree. */
  add(block: SeenBlock): void {
    this.#blocks.set(block.id, block);
    for (const tx of block.txs) push(this.#txs, tx, block);
    for (const message of block.messages) push(this.#messages, message.id, block);
  }

  txDepth(tx: TxHash): number | undefined {
    return this.#depth(this.#txs.get(tx));
  }

  messageDepth(message: MessageId): number | undefined {
    return this.#depth(this.#messages.get(message));
  }

  /** Makes the chain that ends in `tip` the canonical one; undefined when it already is. */
  moveHead(tip: HeaderId): HeadChange | undefined {
    if (this.head().id === tip) return undefined;
    const added: SeenBlock[] = [];
    let cursor = must(this.#blocks.get(tip), `block ${tip}`);
    while (!this.isCanonical(cursor.id)) {
      added.push(cursor);
      cursor = must(this.#blocks.get(cursor.parent), `parent of block ${cursor.id}`);
    }
    const removed = this.#canonical
      .splice(cursor.height - this.#root.height + 1)
      .map((id) => must(this.#blocks.get(id), `block ${id}`));
    added.reverse();
    removed.reverse();
    for (const block of added) this.#canonical.push(block.id);
    return { removed, added };
  }

  #depth(blocks: readonly SeenBlock[] | undefined): number | undefined {
    const block = blocks?.find(({ id }) => this.isCanonical(id));
    return block && this.head().height - block.height;
  }
}

function push<K>(index: Map<K, SeenBlock[]>, key: K, block: SeenBlock): void {
  const blocks = index.get(key);
  if (blocks) blocks.push(block);
  else index.set(key, [block]);
}
