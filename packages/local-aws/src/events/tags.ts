import type { EngineContext } from "../engine.ts";
import { objectsOf, required, textOf, textsOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import { text } from "../store.ts";

/** Tags of rules, by ARN. */
export interface Tags {
  readonly operations: Readonly<Record<string, (input: JsonObject) => object | undefined>>;
  set(arn: string, tags: readonly JsonObject[]): void;
  remove(arn: string): void;
}

/** Makes the store of tags. */
export function createTags({ store }: Pick<EngineContext, "store">): Tags {
  store.exec(
    `CREATE TABLE IF NOT EXISTS events_tags (
       arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)
     ) STRICT`,
  );
  const set = (arn: string, tags: readonly JsonObject[]): void => {
    for (const tag of tags) {
      store
        .prepare("INSERT OR REPLACE INTO events_tags VALUES (?, ?, ?)")
        .run(arn, required(textOf(tag, "Key"), "Key"), required(textOf(tag, "Value"), "Value"));
    }
  };
  const arnOf = (input: JsonObject): string =>
    required(textOf(input, "ResourceARN"), "ResourceARN");
  return {
    operations: {
      TagResource(input) {
        store.write(() => {
          set(arnOf(input), objectsOf(input, "Tags") ?? []);
        });
        return undefined;
      },
      UntagResource(input) {
        store.write(() => {
          for (const key of textsOf(input, "TagKeys") ?? []) {
            store
              .prepare("DELETE FROM events_tags WHERE arn = ? AND key = ?")
              .run(arnOf(input), key);
          }
        });
        return undefined;
      },
      ListTagsForResource: (input) => ({
        Tags: store
          .prepare("SELECT key, value FROM events_tags WHERE arn = ? ORDER BY key")
          .all(arnOf(input))
          .map((row) => ({ Key: text(row, "key"), Value: text(row, "value") })),
      }),
    },
    set,
    remove(arn) {
      store.prepare("DELETE FROM events_tags WHERE arn = ?").run(arn);
    },
  };
}
