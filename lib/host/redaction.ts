/** What stands where a secret was. */
const REDACTED = "[redacted]";

/**
 * Takes these secrets out of JSON values in every form that they are usually written in: hexadecimal, base64, base64url,
 * and the bytes as numbers. Without secrets values are given back as they are.
 */
export function redactor(secrets: readonly Uint8Array[]): <T>(value: T) => T {
  const forms = secrets.flatMap((secret) => {
    const bytes = Buffer.from(secret);
    const list = JSON.stringify([...secret]).slice(1, -1);
    const record = JSON.stringify(Object.fromEntries(secret.entries())).slice(1, -1);
    return [
      [bytes.toString("hex"), REDACTED],
      [bytes.toString("hex").toUpperCase(), REDACTED],
      [bytes.toString("base64").replace(/=+$/, ""), REDACTED],
      [bytes.toString("base64url"), REDACTED],
      [list, JSON.stringify(REDACTED)],
      [record, `"0":${JSON.stringify(REDACTED)}`],
    ] as const;
  });
  if (forms.length === 0) return (value) => value;
  return <T>(value: T): T => {
    const before = JSON.stringify(value);
    if (before === undefined) return value;
    const after = forms.reduce((text, [form, instead]) => text.replaceAll(form, instead), before);
    return after === before ? value : (JSON.parse(after) as T);
  };
}
