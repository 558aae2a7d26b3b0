import type { EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { text } from "../store.ts";

/** A function as it is kept; one for each version. */
export interface FunctionRecord {
  readonly name: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  /** Seconds. */
  readonly timeout: number;
  /** Megabytes. */
  readonly memory: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly architectures: readonly string[];
  /** ARN of the queue or topic for events that failed for good. */
  readonly deadLetter: string | undefined;
  /** Base64 of the code's SHA-256. */
  readonly codeSha: string;
  readonly codeSize: number;
  /** ISO 8601. */
  readonly modified: string;
  readonly revision: string;
}

/** An alias of a version. */
export interface AliasRecord {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly revision: string;
}

/** How often, and for how long, an event is tried, and where it goes then. */
export interface RetryRecord {
  readonly attempts: number;
  /** Seconds. */
  readonly age: number;
  readonly onSuccess: string | undefined;
  readonly onFailure: string | undefined;
}

/** What belongs to a function as a whole. */
export interface FunctionExtras {
  readonly tags: Readonly<Record<string, string>>;
  readonly aliases: readonly AliasRecord[];
  /** Statements of the resource policy. */
  readonly policy: readonly PolicyStatement[];
  readonly retries: Readonly<Record<string, RetryRecord>>;
  /** Reserved concurrency. */
  readonly concurrency: number | undefined;
  readonly lastVersion: number;
}

/** One permission to invoke. */
export interface PolicyStatement {
  readonly sid: string;
  readonly action: string;
  /** `s3.amazonaws.com`, an account, `*`. */
  readonly principal: string;
  readonly sourceArn: string | undefined;
  readonly sourceAccount: string | undefined;
  /** Alias or version that it is for. */
  readonly qualifier: string | undefined;
}

/** The tables of functions. */
export interface FunctionStore {
  arn(name: string, qualifier?: string): string;
  find(name: string, version?: string): FunctionRecord | undefined;
  /** The version that a qualifier means. Throws ResourceNotFoundException. */
  get(name: string, qualifier?: string): FunctionRecord;
  put(record: FunctionRecord): void;
  /** All of a function, or one version. */
  delete(name: string, version?: string): void;
  /** `$LATEST` of each, or every version; by name. */
  list(all: boolean): FunctionRecord[];
  versions(name: string): FunctionRecord[];
  extras(name: string): FunctionExtras;
  setExtras(name: string, change: Partial<FunctionExtras>): void;
}

/** The version that is being worked on. */
export const LATEST = "$LATEST";

const NO_EXTRAS: FunctionExtras = {
  tags: {},
  aliases: [],
  policy: [],
  retries: {},
  concurrency: undefined,
  lastVersion: 0,
};

/** Opens the tables. */
export function openFunctionStore({
  store,
  region,
  accountId,
}: Pick<EngineContext, "store" | "region" | "accountId">): FunctionStore {
  store.exec(
    `CREATE TABLE IF NOT EXISTS lambda_functions (
       name TEXT NOT NULL, version TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (name, version)
     ) STRICT;
     CREATE TABLE IF NOT EXISTS lambda_extras (name TEXT PRIMARY KEY, extras TEXT NOT NULL) STRICT`,
  );
  const arn = (name: string, qualifier?: string): string =>
    `arn:aws:lambda:${region}:${accountId}:function:${name}` +
    (qualifier === undefined ? "" : `:${qualifier}`);

  // Written by `put` and `setExtras` alone.
  const toRecord = (json: string): FunctionRecord => JSON.parse(json);
  const toExtras = (json: string): FunctionExtras => JSON.parse(json);

  function find(name: string, version = LATEST): FunctionRecord | undefined {
    const row = store
      .prepare("SELECT record FROM lambda_functions WHERE name = ? AND version = ?")
      .get(name, version);
    return row && toRecord(text(row, "record"));
  }

  function extras(name: string): FunctionExtras {
    const row = store.prepare("SELECT extras FROM lambda_extras WHERE name = ?").get(name);
    return row === undefined ? NO_EXTRAS : { ...NO_EXTRAS, ...toExtras(text(row, "extras")) };
  }

  const records = (sql: string, ...values: readonly string[]): FunctionRecord[] =>
    store
      .prepare(sql)
      .all(...values)
      .map((row) => toRecord(text(row, "record")));

  return {
    arn,
    find,
    get(name, qualifier) {
      const alias = extras(name).aliases.find((one) => one.name === qualifier);
      const record = find(name, alias?.version ?? qualifier);
      if (record !== undefined) return record;
      throw new AwsError(
        "ResourceNotFoundException",
        `Function not found: ${arn(name, qualifier)}`,
        { status: 404 },
      );
    },
    put(record) {
      store
        .prepare("INSERT OR REPLACE INTO lambda_functions VALUES (?, ?, ?)")
        .run(record.name, record.version, JSON.stringify(record));
    },
    delete(name, version) {
      if (version !== undefined) {
        store
          .prepare("DELETE FROM lambda_functions WHERE name = ? AND version = ?")
          .run(name, version);
        return;
      }
      store.prepare("DELETE FROM lambda_functions WHERE name = ?").run(name);
      store.prepare("DELETE FROM lambda_extras WHERE name = ?").run(name);
    },
    list: (all) =>
      all
        ? records("SELECT record FROM lambda_functions ORDER BY name, version")
        : records("SELECT record FROM lambda_functions WHERE version = ? ORDER BY name", LATEST),
    versions: (name) =>
      records(
        "SELECT record FROM lambda_functions WHERE name = ? ORDER BY version = '$LATEST' DESC, CAST(version AS INTEGER)",
        name,
      ),
    extras,
    setExtras(name, change) {
      const next = { ...extras(name), ...change };
      store
        .prepare("INSERT OR REPLACE INTO lambda_extras VALUES (?, ?)")
        .run(name, JSON.stringify(next));
    },
  };
}

/**
 * Name and qualifier out of what a client calls a function: a name, `name:qualifier`, `account:function:name`, an ARN.
 */
export function parseFunctionName(
  given: string,
  qualifier?: string,
): { readonly name: string; readonly qualifier: string | undefined } {
  const text = given.replace(/^(?:arn:[^:]+:lambda:[^:]*:)?(?:\d{12}:)?(?:function:)?/, "");
  const match = /^([\w-]{1,64})(?::([\w$-]+))?$/.exec(text);
  if (match?.[1] === undefined) {
    throw new AwsError(
      "ValidationException",
      `1 validation error detected: Value '${given}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern`,
    );
  }
  return { name: match[1], qualifier: qualifier ?? match[2] };
}
