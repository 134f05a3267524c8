import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { decodeBlock, decodeShare, encodeBlock, encodeShare } from "../../chain/binary.ts";
import type { LinkConditions } from "../../chain/http/link-conditions.ts";
import type { HeaderId } from "../../chain/types.ts";
import { bytesToHex, hexToBytes } from "../../core/bytes.ts";
import { CodedError, errorText } from "../../core/errors.ts";
import type { PersistRecord, Snapshot } from "../machine/types.ts";

/** "NRun" in ASCII: marks the file as ours in SQLite's header. */
const APPLICATION_ID = 0x4e52_756e;
/** Raised with every change of the tables; an older build refuses a newer file. */
const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE owner (name TEXT NOT NULL, genesis BLOB NOT NULL);
  CREATE TABLE blocks (id BLOB PRIMARY KEY, height INTEGER NOT NULL, bytes BLOB NOT NULL);
  CREATE INDEX blocks_by_height ON blocks (height);
  CREATE TABLE proposed (slot INTEGER PRIMARY KEY);
  CREATE TABLE chain (one INTEGER PRIMARY KEY CHECK (one = 1), tip BLOB NOT NULL, lib BLOB NOT NULL);
  CREATE TABLE shares (blob BLOB NOT NULL, share INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (blob, share));
  CREATE TABLE sampled (blob BLOB PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE links (one INTEGER PRIMARY KEY CHECK (one = 1), conditions TEXT NOT NULL);
`;

/** Whose state a store holds: another node's or network's is refused. */
export interface StoreOwner {
  readonly name: string;
  readonly genesis: HeaderId;
}

/**
 * The node's state on disk: an SQLite file with a write-ahead log. The log isn't flushed to the medium at each commit
 * (`synchronous = OFF`): what a transaction wrote has left the process when COMMIT returns, so kill -9 loses nothing and
 * tears nothing; a crash of the whole machine may, and then the testnet on it is gone anyway.
 */
export class Store {
  readonly #database: DatabaseSync;
  readonly #insertBlock: StatementSync;
  readonly #insertProposed: StatementSync;
  readonly #setChain: StatementSync;
  readonly #insertShare: StatementSync;
  readonly #insertSampled: StatementSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insertBlock = database.prepare("INSERT OR IGNORE INTO blocks (id, height, bytes) VALUES (?, ?, ?)");
    // No OR IGNORE: proposing a slot twice must fail here, whatever the machine believes.
    this.#insertProposed = database.prepare("INSERT INTO proposed (slot) VALUES (?)");
    this.#setChain = database.prepare("INSERT OR REPLACE INTO chain (one, tip, lib) VALUES (1, ?, ?)");
    this.#insertShare = database.prepare("INSERT OR IGNORE INTO shares (blob, share, bytes) VALUES (?, ?, ?)");
    this.#insertSampled = database.prepare("INSERT OR IGNORE INTO sampled (blob) VALUES (?)");
  }

  /**
   * Opens the file, or makes it.
   * @throws CodedError NR-NODE-STORE for a file that isn't a store of ours, is of a newer build, or is another node's.
   */
  static open(path: string, owner: StoreOwner): Store {
    const database = openDatabase(path);
    try {
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -512;");
      prepareSchema(database, path, owner);
      return new Store(database);
    } catch (error) {
      database.close();
      throw error instanceof CodedError ? error : unusable(path, errorText(error));
    }
  }

  /** Writes records in one transaction: all of them or none. */
  commit(records: readonly PersistRecord[]): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const record of records) this.#write(record);
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Everything that was committed. */
  snapshot(): Snapshot {
    const all = (sql: string) => this.#database.prepare(sql).all() as Record<string, unknown>[];
    const [chain] = all("SELECT tip, lib FROM chain");
    const [proposed] = all("SELECT max(slot) AS slot FROM proposed");
    return {
      lastProposedSlot: (proposed?.slot as number | null) ?? -1,
      blocks: all("SELECT bytes FROM blocks ORDER BY height, rowid").map((row) => decodeBlock(blobOf(row.bytes))),
      tip: chain ? bytesToHex(blobOf(chain.tip)) : null,
      lib: chain ? bytesToHex(blobOf(chain.lib)) : null,
      shares: all("SELECT bytes FROM shares").map((row) => decodeShare(blobOf(row.bytes))),
      sampled: all("SELECT blob FROM sampled").map((row) => bytesToHex(blobOf(row.blob))),
    };
  }

  /** Height of a stored block, 0 for anything else (genesis is not stored). */
  heightOf(id: HeaderId): number {
    const row = this.#database.prepare("SELECT height FROM blocks WHERE id = ?").get(hexToBytes(id));
    return (row?.height as number | undefined) ?? 0;
  }

  /** Link conditions set at run time, null when none were. */
  links(): Readonly<Record<string, LinkConditions>> | null {
    const row = this.#database.prepare("SELECT conditions FROM links").get();
    return row ? (JSON.parse(row.conditions as string) as Record<string, LinkConditions>) : null;
  }

  setLinks(links: Readonly<Record<string, LinkConditions>>): void {
    this.#database.prepare("INSERT OR REPLACE INTO links (one, conditions) VALUES (1, ?)").run(JSON.stringify(links));
  }

  close(): void {
    this.#database.close();
  }

  #write(record: PersistRecord): void {
    switch (record.type) {
      case "proposed":
        this.#insertProposed.run(record.slot);
        return;
      case "block":
        this.#insertBlock.run(hexToBytes(record.block.id), record.height, encodeBlock(record.block));
        return;
      case "tip":
        this.#setChain.run(hexToBytes(record.tip), hexToBytes(record.lib));
        return;
      case "share":
        this.#insertShare.run(hexToBytes(record.share.blob), record.share.index, encodeShare(record.share));
        return;
      case "sampled":
        this.#insertSampled.run(hexToBytes(record.blob));
    }
  }
}

function openDatabase(path: string): DatabaseSync {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return new DatabaseSync(path);
  } catch (error) {
    throw unusable(path, errorText(error));
  }
}

function prepareSchema(database: DatabaseSync, path: string, owner: StoreOwner): void {
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number;
  const tables = database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n as number;
  if (tables === 0) return createSchema(database, owner);

  if (pragma("application_id") !== APPLICATION_ID) throw unusable(path, "it is an SQLite file of another program");
  const version = pragma("user_version");
  if (version !== SCHEMA_VERSION) {
    throw unusable(path, `it has schema ${version}, this build reads ${SCHEMA_VERSION}`);
  }
  const row = database.prepare("SELECT name, genesis FROM owner").get();
  const genesis = bytesToHex(blobOf(row?.genesis));
  if (row?.name !== owner.name) throw unusable(path, `it is the state of ${row?.name}, not of ${owner.name}`);
  if (genesis !== owner.genesis) {
    throw unusable(path, `it is of the network with genesis ${genesis}, not ${owner.genesis}`);
  }
}

/** In one transaction, so that a kill in between leaves an empty file. */
function createSchema(database: DatabaseSync, owner: StoreOwner): void {
  database.exec(`BEGIN IMMEDIATE; ${SCHEMA}
    PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION};`);
  database.prepare("INSERT INTO owner (name, genesis) VALUES (?, ?)").run(owner.name, hexToBytes(owner.genesis));
  database.exec("COMMIT");
}

function blobOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError("the store holds no bytes where it should");
}

function unusable(path: string, why: string): CodedError {
  return new CodedError("NR-NODE-STORE", `can't use ${path}: ${why}`, {
    hint: "Give the node a state of its own, or delete the file to let it start over from genesis.",
  });
}
