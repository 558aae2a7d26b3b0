import { createHash } from "node:crypto";
import { AwsError } from "../errors.ts";
import { objectOf, objectsOf, required, textOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import { text } from "../store.ts";
import { capacities } from "./batch-operations.ts";
import { readUnits, writeUnits } from "./capacity.ts";
import { readOne } from "./item-operations.ts";
import type { Resources } from "./resources.ts";
import type { Table } from "./table.ts";
import { invalid, type Item } from "./values.ts";
import {
  carryOut,
  prepareCheck,
  prepareDelete,
  preparePut,
  prepareUpdate,
  type Write,
} from "./writes.ts";

const MAX_ACTIONS = 100;
const TOKEN_LIFE_MS = 10 * 60 * 1000;
const ACTIONS: readonly (readonly [string, (resources: Resources, input: JsonObject) => Write])[] =
  [
    ["Put", preparePut],
    ["Update", prepareUpdate],
    ["Delete", prepareDelete],
    ["ConditionCheck", prepareCheck],
  ];

/** One entry of CancellationReasons. */
interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: unknown;
}

/** Makes the table of idempotency tokens. */
export function openTransactions({ context }: Resources): void {
  context.store.exec(
    `CREATE TABLE IF NOT EXISTS ddb_tokens (
       token TEXT PRIMARY KEY, hash TEXT NOT NULL, expires INTEGER NOT NULL
     ) STRICT`,
  );
}

/** TransactWriteItems. */
export function transactWriteItems(resources: Resources, input: JsonObject): object {
  const { store } = resources.context;
  const requests = readActions(input);
  const writes = requests.map((request) => {
    const chosen = ACTIONS.filter(([name]) => objectOf(request, name) !== undefined);
    const [action] = chosen;
    if (action === undefined || chosen.length > 1) {
      throw invalid("TransactItems can only contain one of Check, Put, Update or Delete");
    }
    const [name, prepare] = action;
    return prepare(resources, required(objectOf(request, name), name));
  });
  const keys = writes.map(
    ({ table, key }) => `${table.id}/${key.pk.toString("hex")}/${key.sk.toString("hex")}`,
  );
  if (new Set(keys).size < keys.length) {
    throw invalid("Transaction request cannot include multiple operations on one item");
  }

  const capacity = new Map<Table, number>();
  store.write(() => {
    if (wasDone(resources, input)) return;
    const reasons: Reason[] = writes.map((write) => {
      try {
        const { size } = carryOut(resources, write);
        const units = 2 * writeUnits(size);
        capacity.set(write.table, (capacity.get(write.table) ?? 0) + units);
        return { Code: "None" };
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return reasonOf(error);
      }
    });
    if (reasons.some(({ Code }) => Code !== "None")) throw cancelled(reasons);
  });
  return capacities(input, capacity);
}

/** TransactGetItems. */
export function transactGetItems(resources: Resources, input: JsonObject): object {
  const capacity = new Map<Table, number>();
  const responses = readActions(input).map((request): { Item?: Item } => {
    const get = required(objectOf(request, "Get"), "Get");
    const { item, size, table } = readOne(resources, get);
    capacity.set(table, (capacity.get(table) ?? 0) + 2 * readUnits(size, true));
    return item === undefined ? {} : { Item: item };
  });
  return { Responses: responses, ...capacities(input, capacity) };
}

/** Whether this token was seen before; notes it otherwise. */
function wasDone({ context: { store, clock } }: Resources, input: JsonObject): boolean {
  const token = textOf(input, "ClientRequestToken");
  if (token === undefined) return false;
  const hash = createHash("sha256").update(JSON.stringify(input["TransactItems"])).digest("hex");
  store.prepare("DELETE FROM ddb_tokens WHERE expires <= ?").run(clock.now());
  const row = store.prepare("SELECT hash FROM ddb_tokens WHERE token = ?").get(token);
  if (row !== undefined) {
    if (text(row, "hash") === hash) return true;
    throw new AwsError(
      "IdempotentParameterMismatchException",
      "The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical",
    );
  }
  store
    .prepare("INSERT INTO ddb_tokens VALUES (?, ?, ?)")
    .run(token, hash, clock.now() + TOKEN_LIFE_MS);
  return false;
}

function readActions(input: JsonObject): readonly JsonObject[] {
  const actions = required(objectsOf(input, "TransactItems"), "TransactItems");
  if (actions.length < 1 || actions.length > MAX_ACTIONS) {
    throw invalid(
      `1 validation error detected: Value '[...]' at 'transactItems' failed to satisfy constraint: Member must have length ${actions.length < 1 ? "greater than or equal to 1" : "less than or equal to 100"}`,
    );
  }
  return actions;
}

function reasonOf(error: AwsError): Reason {
  const failed = error.code === "ConditionalCheckFailedException";
  return {
    Code: failed ? "ConditionalCheckFailed" : "ValidationError",
    Message: error.message,
    ...(failed ? error.options.fields : {}),
  };
}

function cancelled(reasons: readonly Reason[]): AwsError {
  return new AwsError(
    "TransactionCanceledException",
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(", ")}]`,
    { fields: { CancellationReasons: reasons } },
  );
}
