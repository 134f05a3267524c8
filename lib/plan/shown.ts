/** A value as a message shows it, at most 60 characters. */
export function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" || typeof value === "symbol" || value === undefined) return String(value);
  if (typeof value === "object" && value !== null) return kindOfObject(value);
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

function kindOfObject(value: object): string {
  if (Array.isArray(value)) return "an array";
  const name = value.constructor?.name;
  return name === undefined || name === "Object" ? "an object" : `a ${name}`;
}
