import { type Clock, type DataMap, formatLocalTime, LavaError, parseDuration } from "@lava/core";
import type { AwsClients } from "../clients.ts";
import { type Condition, ConditionFailed, type Documents, searchAll } from "../documents.ts";
import { createExpression } from "../expression.ts";
import { numberOf, textOf } from "../marshal.ts";
import type { PutStateOptions, StateItem, StateStore, StateType } from "./types.ts";
import { decodeState, encodeState } from "./value.ts";

/** What a state store needs. */
export interface StateStoreOptions {
  readonly table: string;
  readonly documents: Documents;
  readonly clients: AwsClients;
  readonly clock: Clock;
  /** Key of secure values unless the caller names one. */
  readonly kms_key: string;
  /** STATE_TTL and STATE_MAX_TTL, seconds. */
  readonly ttl: { readonly normal: number; readonly max: number };
}

const REQUIRED = ["state_id", "type", "value", "timestamp", "ttl"] as const;

/** The state table (wire-formats 6). */
export function openStateStore(options: StateStoreOptions): StateStore {
  const { table, documents, clients, clock } = options;

  const expired = (item: DataMap): boolean =>
    (numberOf(item["ttl"]) ?? Number.POSITIVE_INFINITY) <= clock.now() / 1000;

  function parse(item: DataMap): Omit<StateItem, "value"> {
    const state_id = textOf(item["state_id"]) ?? "";
    const missing = REQUIRED.filter((name) => item[name] === undefined);
    const extra = Object.keys(item).filter(
      (name) => name !== "publisher" && !REQUIRED.some((known) => known === name),
    );
    const faults = [
      ...(missing.length === 0 ? [] : [`Missing keys: ${missing.toSorted().join(", ")}`]),
      ...(extra.length === 0 ? [] : [`Unexpected keys: ${extra.toSorted().join(", ")}`]),
    ];
    if (faults.length > 0) throw badItem(`Bad state item: ${state_id}: ${faults.join("; ")}`);
    const publisher = textOf(item["publisher"]);
    return {
      state_id,
      type: parseType(textOf(item["type"]) ?? ""),
      timestamp: textOf(item["timestamp"]) ?? "",
      ttl: numberOf(item["ttl"]) ?? 0,
      ...(publisher === undefined ? {} : { publisher }),
    };
  }

  function timeToLive(ttl: number | string | undefined): number {
    const asked = ttl === undefined || ttl === "" ? 0 : parseDuration(ttl);
    return Math.min(asked === 0 ? options.ttl.normal : asked, options.ttl.max);
  }

  return {
    async get(state_id) {
      const item = await documents.get(table, { state_id });
      if (item === undefined || expired(item)) return undefined;
      const head = parse(item);
      const value = await decodeState(state_id, item["value"] ?? null, head.type, clients);
      return { ...head, value };
    },
    async put(state_id, value, putOptions: PutStateOptions = {}) {
      const { publisher, expected } = putOptions;
      if (state_id === "") throw badItem("A state item must have an id");
      const type = parseType(putOptions.type ?? "json");
      const now = clock.now();
      const head = {
        state_id,
        type,
        timestamp: formatLocalTime(now),
        ttl: Math.floor(now / 1000 + timeToLive(putOptions.ttl)),
        ...(publisher === undefined || publisher === "" ? {} : { publisher }),
      };
      const kms_key = putOptions.kms_key ?? options.kms_key;
      const stored = await encodeState(state_id, value, type, { clients, kms_key });
      try {
        await documents.put(table, { ...head, value: stored }, unchanged(expected));
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        throw new LavaError(
          "STATE_CHANGED",
          `State item ${state_id} has been changed since it was read`,
          { cause: error },
        );
      }
      return { ...head, value };
    },
    async list(prefix = "") {
      const expression = createExpression();
      const items = await searchAll(documents, table, {
        expression,
        ...(prefix === ""
          ? {}
          : {
              filter: `begins_with(${expression.name("state_id")}, ${expression.value(prefix)})`,
            }),
      });
      const live = items.filter((item) => !expired(item));
      const parsed = await Promise.all(
        live.map(async (item) => {
          const head = parse(item);
          const value =
            head.type === "secure"
              ? null
              : await decodeState(head.state_id, item["value"] ?? null, head.type, clients);
          return { ...head, value };
        }),
      );
      return parsed.toSorted((a, b) => (a.state_id < b.state_id ? -1 : 1));
    },
    async delete(state_id) {
      const old = await documents.delete(table, { state_id });
      return old !== undefined && !expired(old);
    },
  };
}

/** The condition of a compare-and-set (STATE-06). */
function unchanged(expected: string | null | undefined): Condition | undefined {
  if (expected === undefined) return undefined;
  const expression = createExpression();
  const text =
    expected === null
      ? `attribute_not_exists(${expression.name("state_id")})`
      : `${expression.name("timestamp")} = ${expression.value(expected)}`;
  return { text, expression };
}

function parseType(type: string): StateType {
  if (type === "json" || type === "raw" || type === "secure") return type;
  throw badItem(`Unknown state type: ${type}`);
}

function badItem(message: string): LavaError {
  return new LavaError("BAD_STATE_ITEM", message, { retry: "never" });
}
