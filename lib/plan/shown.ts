/** Characters that a terminal doesn't show, or by which it shows others in another order. */
const UNSEEN = /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A value as a message shows it, at most 60 characters. */
export function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" || typeof value === "symbol" || value === undefined) return String(value);
  if (typeof value === "object" && value !== null) return kindOfObject(value);
  const text = JSON.stringify(value).replace(
    UNSEEN,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return text.length <= 60 ? text : `${text.slice(0, 56)}..."`;
}

function kindOfObject(value: object): string {
  if (Array.isArray(value)) return "an array";
  const name = value.constructor?.name;
  return name === undefined || name === "Object" ? "an object" : `a ${name}`;
}
