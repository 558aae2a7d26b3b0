import { type DataMap, formatLocalTime, formatUtcTime } from "@lava/core";
import { ConditionFailed, type Documents } from "../documents.ts";
import { createExpression, type Expression } from "../expression.ts";

/** Where and when an item of our own is written. */
export interface OwnItem {
  readonly table: string;
  readonly key: DataMap;
  readonly now: number;
  /** Milliseconds for which the item is kept. */
  readonly keepMs: number;
}

/**
 * Sets attributes of one of our own records, under a condition; undefined removes one.
 *
 * @returns what is in its way when the condition does not hold, else undefined
 */
export async function setItem(
  documents: Documents,
  { table, key, now, keepMs }: OwnItem,
  values: Readonly<Record<string, DataMap[string] | undefined>>,
  condition: (expression: Expression) => string = () => "",
): Promise<DataMap | undefined> {
  const expression = createExpression();
  const all = {
    ...values,
    ttl: Math.ceil((now + keepMs) / 1000),
    ts_event: formatLocalTime(now),
    tu_event: formatUtcTime(now),
  };
  const sets: string[] = [];
  const removes: string[] = [];
  for (const [name, value] of Object.entries(all)) {
    if (value === undefined) removes.push(expression.name(name));
    else sets.push(`${expression.name(name)} = ${expression.value(value)}`);
  }
  const text = condition(expression);
  try {
    await documents.update(table, key, {
      update: `SET ${sets.join(", ")}${removes.length > 0 ? ` REMOVE ${removes.join(", ")}` : ""}`,
      ...(text === "" ? {} : { condition: text }),
      expression,
    });
    return undefined;
  } catch (error) {
    if (error instanceof ConditionFailed) return error.item ?? {};
    throw error;
  }
}
