import { readFileSync } from "node:fs";
import { walletOf } from "../chain/wallet.ts";
import { hexToBytes } from "../core/bytes.ts";
import { CodedError, systemCode } from "../core/errors.ts";
import type { Wallet } from "../model/wallets.ts";

const HEX = /^[0-9a-fA-F]{64}$/;
const VALUE = /^[1-9]\d{0,18}$/;

/**
 * Reads wallets with their secret keys: `[{ "secret": ..., "note": ..., "value": ... }]`. Nothing of the file is ever in a
 * message.
 * @throws CodedError NR-ATTACH-KEYS
 */
export function readKeys(path: string): readonly Wallet[] {
  const entries = readEntries(path);
  return entries.map((entry, index): Wallet => {
    const { secret, note, value } = entry as Readonly<Record<string, unknown>>;
    const wrong = (field: string, form: string) => refused(path, `${field} of entry ${index + 1} is not ${form}`);
    if (typeof secret !== "string" || !HEX.test(secret)) throw wrong("secret", "64 hex digits");
    if (typeof note !== "string" || !HEX.test(note)) throw wrong("note", "64 hex digits");
    if (!VALUE.test(String(value))) throw wrong("value", "a whole number from 1, as text or number");
    const bytes = hexToBytes(secret.toLowerCase());
    const { pk } = walletOf(bytes);
    return {
      index,
      label: `wallet-user-${index}`,
      pk,
      secret: bytes,
      note: note.toLowerCase(),
      value: BigInt(String(value)),
    };
  });
}

function readEntries(path: string): readonly object[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw refused(path, `it can't be read (${systemCode(error) ?? "unknown"})`);
  }
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    // What the parser says quotes the file.
    throw refused(path, "it is not JSON");
  }
  if (!Array.isArray(entries) || entries.length === 0) throw refused(path, "it is not a list of wallets");
  return entries.map((entry: unknown, index): object => {
    if (typeof entry === "object" && entry !== null) return entry;
    throw refused(path, `entry ${index + 1} is not an object`);
  });
}

function refused(path: string, why: string): CodedError {
  return new CodedError("NR-ATTACH-KEYS", `the keys in ${path} can't be used: ${why}`, {
    hint: 'Write [{ "secret": "64 hex digits", "note": "64 hex digits", "value": "100" }].',
  });
}
