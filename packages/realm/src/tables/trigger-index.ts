import type { DataMap } from "@lava/core";
import { S3TRIGGER_INDEX } from "@lava/spec";
import { type Documents, searchAll } from "../documents.ts";
import { createExpression } from "../expression.ts";

/** The s3 triggers of a realm, found by bucket and prefix (LAM-204). Items as they are stored: one that is bad must not hide others. */
export interface TriggerIndex {
  /** Triggers of a bucket, at most about `limit`; `complete` when there are no more. */
  ofBucket(bucket: string, limit: number): Promise<{ items: DataMap[]; complete: boolean }>;
  /** Triggers of exactly this prefix. */
  ofPrefix(bucket: string, prefix: string): Promise<DataMap[]>;
}

/** The index of one table of s3 triggers. */
export function openTriggerIndex(table: string, documents: Documents): TriggerIndex {
  return {
    async ofBucket(bucket, limit) {
      const items: DataMap[] = [];
      let start: DataMap | undefined;
      do {
        const expression = createExpression();
        const page = await documents.search(table, {
          index: S3TRIGGER_INDEX,
          key: `${expression.name("bucket")} = ${expression.value(bucket)}`,
          expression,
          limit,
          ...(start === undefined ? {} : { start }),
        });
        items.push(...page.items);
        start = page.next;
      } while (start !== undefined && items.length < limit);
      return { items, complete: start === undefined };
    },
    async ofPrefix(bucket, prefix) {
      const expression = createExpression();
      return searchAll(documents, table, {
        index: S3TRIGGER_INDEX,
        key:
          `${expression.name("bucket")} = ${expression.value(bucket)} AND ` +
          `${expression.name("prefix")} = ${expression.value(prefix)}`,
        expression,
      });
    },
  };
}
