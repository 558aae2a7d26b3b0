import type { Placeholders } from "./expressions/placeholders.ts";
import type { Condition, Operand } from "./expressions/syntax.ts";
import type { Range } from "./items.ts";
import { encodeKeyValue } from "./keys.ts";
import type { KeyAttribute, KeySchema } from "./table.ts";
import { type AttributeValue, invalid, typeOf } from "./values.ts";

/** Where the entries lie that meet a key condition. */
export function rangeOf(
  condition: Condition,
  schema: KeySchema,
  placeholders: Placeholders,
): Pick<Range, "from" | "to"> & { readonly pk: Buffer } {
  let pk: Buffer | undefined;
  let sort: Pick<Range, "from" | "to"> | undefined;
  for (const term of terms(condition)) {
    const name = attributeOf(term, placeholders);
    if (name === schema.partition.name && pk === undefined) {
      if (term.kind !== "compare" || term.comparator !== "=") throw unsupported();
      pk = encode(schema.partition, literal(term.right, placeholders));
    } else if (schema.sort !== undefined && name === schema.sort.name && sort === undefined) {
      sort = sortRange(term, schema.sort, placeholders);
    } else if (name === schema.partition.name || name === schema.sort?.name) {
      throw invalid("KeyConditionExpressions must only contain one condition per key");
    } else {
      const missing = pk === undefined ? schema.partition.name : schema.sort?.name;
      throw missing === undefined
        ? unsupported()
        : invalid(`Query condition missed key schema element: ${missing}`);
    }
  }
  if (pk === undefined) {
    throw invalid(`Query condition missed key schema element: ${schema.partition.name}`);
  }
  return { pk, ...sort };
}

function terms(condition: Condition): readonly Condition[] {
  if (condition.kind === "and") return [...terms(condition.left), ...terms(condition.right)];
  if (condition.kind === "or") {
    throw invalid("Invalid operator used in KeyConditionExpression: OR");
  }
  if (condition.kind === "not") {
    throw invalid("Invalid operator used in KeyConditionExpression: NOT");
  }
  if (condition.kind === "in") {
    throw invalid("Invalid operator used in KeyConditionExpression: IN");
  }
  return [condition];
}

function attributeOf(condition: Condition, placeholders: Placeholders): string {
  const operand =
    condition.kind === "compare"
      ? condition.left
      : condition.kind === "between"
        ? condition.operand
        : condition.kind === "call"
          ? condition.operands[0]
          : undefined;
  if (operand?.kind !== "path") throw unsupported();
  const [name, ...rest] = placeholders.path(operand.path);
  if (rest.length > 0 || typeof name !== "string") {
    throw invalid("KeyConditionExpressions cannot have conditions on nested attributes");
  }
  return name;
}

function sortRange(
  term: Condition,
  attribute: KeyAttribute,
  placeholders: Placeholders,
): Pick<Range, "from" | "to"> {
  const bound = (operand: Operand | undefined, inclusive: boolean) => ({
    sk: encode(attribute, literal(operand, placeholders)),
    inclusive,
  });
  if (term.kind === "between") return { from: bound(term.low, true), to: bound(term.high, true) };
  if (term.kind === "compare") {
    switch (term.comparator) {
      case "=":
        return { from: bound(term.right, true), to: bound(term.right, true) };
      case "<":
        return { to: bound(term.right, false) };
      case "<=":
        return { to: bound(term.right, true) };
      case ">":
        return { from: bound(term.right, false) };
      case ">=":
        return { from: bound(term.right, true) };
      case "<>":
        throw invalid("Unsupported operator on KeyCondition: operator: <>");
    }
  }
  if (term.kind !== "call" || term.name !== "begins_with") throw unsupported();
  const from = bound(term.operands[1], true);
  const end = successor(from.sk);
  return end === undefined ? { from } : { from, to: { sk: end, inclusive: false } };
}

/** The first key after all that begin with these bytes. */
function successor(prefix: Buffer): Buffer | undefined {
  const end = Buffer.from(prefix);
  for (let at = end.length - 1; at >= 0; at -= 1) {
    const byte = end[at] ?? 0;
    if (byte === 0xff) continue;
    end[at] = byte + 1;
    return end.subarray(0, at + 1);
  }
  return undefined;
}

function literal(operand: Operand | undefined, placeholders: Placeholders): AttributeValue {
  if (operand?.kind !== "value") throw unsupported();
  return placeholders.value(operand.name);
}

function encode(attribute: KeyAttribute, value: AttributeValue): Buffer {
  if (typeOf(value) !== attribute.type) {
    throw invalid(
      "One or more parameter values were invalid: Condition parameter type does not match schema type",
    );
  }
  const bytes = encodeKeyValue(value);
  if (bytes.length === 0) {
    throw invalid(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${attribute.name}`,
    );
  }
  return bytes;
}

function unsupported(): Error {
  return invalid("Query key condition not supported");
}
