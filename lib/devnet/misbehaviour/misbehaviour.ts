import * as v from "valibot";

/** From which slot on it misbehaves; until then it is honest. 0 is from its start. */
const fromSlot = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0);
/** How much of it: of its blocks, of the transactions it hears of, of its shares. */
const percent = v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(100)), 100);
const whole = v.pipe(v.number(), v.integer(), v.minValue(1));

/** One misbehaviour of an embedded node and its dose, as `misbehave` of its configuration has it. */
export const MisbehaviourSchema = v.variant("kind", [
  /** Makes blocks when it leads, builds on them, and gives them to nobody. */
  v.strictObject({ kind: v.literal("withhold-blocks"), percent, fromSlot }),
  /** Says to clients that it took a transaction, and forgets it; what neighbours pass on it forgets too. */
  v.strictObject({ kind: v.literal("drop-transactions"), percent, fromSlot }),
  /** Signs two blocks for a slot that it leads, and gives one to some neighbours and the other to others. */
  v.strictObject({ kind: v.literal("equivocate"), percent, fromSlot }),
  /** Tells clients and neighbours of its chain as it was so many slots ago. */
  v.strictObject({ kind: v.literal("serve-old-tip"), slots: whole, fromSlot }),
  /** Gives its tip's height as so much more than it is, or less where negative. */
  v.strictObject({
    kind: v.literal("lie-about-height"),
    by: v.pipe(
      v.number(),
      v.integer(),
      v.check((by) => by !== 0, "must not be 0"),
    ),
    fromSlot,
  }),
  /** Takes transactions whose inputs its chain has spent, passes them on, puts them into its blocks, and takes such blocks. */
  v.strictObject({ kind: v.literal("accept-double-spends") }),
  /** Acknowledges shares and does not keep them. */
  v.strictObject({ kind: v.literal("lose-shares"), percent, fromSlot }),
  /** Hands shares out with a byte changed. */
  v.strictObject({ kind: v.literal("corrupt-shares"), percent, fromSlot }),
  /** Keeps shares and does not hand them out. */
  v.strictObject({ kind: v.literal("withhold-shares"), percent, fromSlot }),
  /** Does nothing any more, and still answers who asks for its chain. */
  v.strictObject({ kind: v.literal("stall"), fromSlot }),
]);

export type Misbehaviour = v.InferOutput<typeof MisbehaviourSchema>;
/** One kind of it with its dose. */
export type MisbehaviourOf<K extends Misbehaviour["kind"]> = Extract<Misbehaviour, { readonly kind: K }>;

/** Every kind of it. */
export const MISBEHAVIOURS: readonly Misbehaviour["kind"][] = MisbehaviourSchema.options.map(
  ({ entries }) => entries.kind.literal,
);

/** What is wrong with a `misbehave`, with its field; null when nothing is. */
export function misbehaviourFault(value: unknown): { readonly field: string; readonly message: string } | null {
  const result = v.safeParse(MisbehaviourSchema, value, { abortEarly: true });
  if (result.success) return null;
  const [issue] = result.issues;
  const field = v.getDotPath(issue) ?? "";
  return { field, message: field === "kind" ? `there is no such misbehaviour, ${issue.received}` : issue.message };
}

/** The misbehaviour in a few words: `withhold-blocks (percent 100, fromSlot 8)`. */
export function misbehaviourText({ kind, ...dose }: Misbehaviour): string {
  const fields = Object.entries(dose).map(([field, value]) => `${field} ${value}`);
  return fields.length === 0 ? kind : `${kind} (${fields.join(", ")})`;
}
