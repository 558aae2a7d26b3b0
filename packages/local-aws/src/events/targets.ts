import type { EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { integerOf, objectOf, objectsOf, required, textOf, textsOf } from "../protocols/input.ts";
import { isJsonObject, type JsonObject } from "../protocols/json.ts";
import { text } from "../store.ts";
import type { Rules, StoredRule } from "./rules.ts";
import type { TargetInput } from "./target-input.ts";

const MAX_TARGETS = 5;

/** A target as it is kept. */
export interface StoredTarget extends TargetInput {
  readonly arn: string;
}

/** Targets of rules, and the operations on them. */
export interface Targets {
  readonly operations: Readonly<Record<string, (input: JsonObject) => object | undefined>>;
  of(rule: StoredRule): StoredTarget[];
}

/** The table of targets; it has to be there before rules are deleted. */
export function createTargetTable({ store }: Pick<EngineContext, "store">): void {
  store.exec(
    `CREATE TABLE IF NOT EXISTS events_targets (
       bus TEXT NOT NULL, rule TEXT NOT NULL, id TEXT NOT NULL, target TEXT NOT NULL,
       PRIMARY KEY (bus, rule, id)
     ) STRICT`,
  );
}

/** Makes the store of targets. */
export function createTargets({ store }: Pick<EngineContext, "store">, rules: Rules): Targets {
  const rows = (rule: StoredRule): JsonObject[] =>
    store
      .prepare("SELECT target FROM events_targets WHERE bus = ? AND rule = ? ORDER BY id")
      .all(rule.bus, rule.name)
      .map((row): unknown => JSON.parse(text(row, "target")))
      .filter(isJsonObject);

  function putTargets(input: JsonObject): object {
    const rule = rules.require(input, "Rule");
    const targets = objectsOf(input, "Targets") ?? [];
    const failed = store.write(() => {
      const faults: object[] = [];
      for (const target of targets) {
        const id = required(textOf(target, "Id"), "Id");
        const fault = faultOf(target);
        if (fault !== undefined) {
          faults.push({ TargetId: id, ErrorCode: "ValidationException", ErrorMessage: fault });
          continue;
        }
        store
          .prepare("INSERT OR REPLACE INTO events_targets VALUES (?, ?, ?, ?)")
          .run(rule.bus, rule.name, id, JSON.stringify(target));
      }
      if (rows(rule).length > MAX_TARGETS) {
        throw new AwsError(
          "LimitExceededException",
          `The requested resource exceeds the maximum number allowed: a rule has at most ${MAX_TARGETS} targets.`,
        );
      }
      return faults;
    });
    return { FailedEntryCount: failed.length, FailedEntries: failed };
  }

  function listTargets(input: JsonObject): object {
    const all = rows(rules.require(input, "Rule"));
    const start = Number(textOf(input, "NextToken") ?? 0);
    const end = start + (integerOf(input, "Limit") ?? 100);
    return {
      Targets: all.slice(start, end),
      ...(end < all.length ? { NextToken: String(end) } : {}),
    };
  }

  return {
    operations: {
      PutTargets: putTargets,
      ListTargetsByRule: listTargets,
      RemoveTargets(input) {
        const rule = rules.require(input, "Rule");
        store.write(() => {
          for (const id of textsOf(input, "Ids") ?? []) {
            store
              .prepare("DELETE FROM events_targets WHERE bus = ? AND rule = ? AND id = ?")
              .run(rule.bus, rule.name, id);
          }
        });
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    },
    of: (rule) =>
      rows(rule).map((target) => {
        const transformer = objectOf(target, "InputTransformer");
        return {
          arn: required(textOf(target, "Arn"), "Arn"),
          Input: textOf(target, "Input"),
          InputPath: textOf(target, "InputPath"),
          InputTransformer:
            transformer === undefined
              ? undefined
              : {
                  paths: objectOf(transformer, "InputPathsMap") ?? {},
                  template: textOf(transformer, "InputTemplate") ?? "",
                },
        };
      }),
  };
}

function faultOf(target: JsonObject): string | undefined {
  const arn = textOf(target, "Arn") ?? "";
  if (!/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+/.test(arn)) {
    return `Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`;
  }
  const inputs = ["Input", "InputPath", "InputTransformer"].filter(
    (name) => target[name] !== undefined,
  );
  if (inputs.length > 1)
    return "Only one of Input, InputPath, or InputTransformer must be provided.";
  const input = textOf(target, "Input");
  try {
    if (input !== undefined) JSON.parse(input);
  } catch {
    return `JSON syntax error in input for target ${textOf(target, "Id") ?? ""}`;
  }
  return undefined;
}
