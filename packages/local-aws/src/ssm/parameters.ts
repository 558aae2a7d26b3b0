import type { EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { number, optionalText, type Row, text } from "../store.ts";

/** How a value is to be taken. */
export type ParameterType = "String" | "StringList" | "SecureString";

/** One version of a parameter. */
export interface Parameter {
  readonly name: string;
  readonly version: number;
  readonly type: ParameterType;
  /** Ciphertext in base64 for a SecureString. */
  readonly value: string;
  readonly description: string | undefined;
  readonly keyId: string | undefined;
  readonly tier: "Standard" | "Advanced";
  readonly dataType: string;
  readonly allowedPattern: string | undefined;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

/** The parameters and their older versions. */
export interface Parameters {
  /** The latest version, or the one asked for. */
  find(name: string, version?: number): Parameter | undefined;
  /** Latest versions in the order of names, beginning after a name. */
  list(after?: string): Iterable<Parameter>;
  put(parameter: Parameter): void;
  remove(name: string): boolean;
  tags(name: string): Readonly<Record<string, string>>;
  setTags(name: string, tags: Readonly<Record<string, string>>): void;
}

const KEPT_VERSIONS = 100;

/** Opens the parameters. */
export function openParameters({ store }: EngineContext): Parameters {
  store.exec(
    `CREATE TABLE IF NOT EXISTS ssm_parameters (
       name TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL,
       description TEXT, key_id TEXT, tier TEXT NOT NULL, data_type TEXT NOT NULL,
       allowed_pattern TEXT, modified INTEGER NOT NULL, latest INTEGER NOT NULL,
       PRIMARY KEY (name, version)
     ) STRICT;
     CREATE INDEX IF NOT EXISTS ssm_latest ON ssm_parameters (name) WHERE latest = 1;
     CREATE TABLE IF NOT EXISTS ssm_tags (
       name TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name, key)
     ) STRICT`,
  );

  return {
    find(name, version) {
      const row =
        version === undefined
          ? store.prepare("SELECT * FROM ssm_parameters WHERE name = ? AND latest = 1").get(name)
          : store
              .prepare("SELECT * FROM ssm_parameters WHERE name = ? AND version = ?")
              .get(name, version);
      return row && load(row);
    },
    *list(after = "") {
      const statement = store.prepare(
        "SELECT * FROM ssm_parameters WHERE latest = 1 AND name > ? ORDER BY name",
      );
      for (const row of statement.iterate(after)) yield load(row);
    },
    put(parameter) {
      store.write(() => {
        const { name, version } = parameter;
        store.prepare("UPDATE ssm_parameters SET latest = 0 WHERE name = ?").run(name);
        store
          .prepare("INSERT INTO ssm_parameters VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)")
          .run(
            name,
            version,
            parameter.type,
            parameter.value,
            parameter.description ?? null,
            parameter.keyId ?? null,
            parameter.tier,
            parameter.dataType,
            parameter.allowedPattern ?? null,
            parameter.modified,
          );
        store
          .prepare("DELETE FROM ssm_parameters WHERE name = ? AND version <= ?")
          .run(name, version - KEPT_VERSIONS);
      });
    },
    remove: (name) =>
      store.write(() => {
        store.prepare("DELETE FROM ssm_tags WHERE name = ?").run(name);
        return store.prepare("DELETE FROM ssm_parameters WHERE name = ?").run(name).changes > 0;
      }),
    tags: (name) =>
      Object.fromEntries(
        store
          .prepare("SELECT key, value FROM ssm_tags WHERE name = ? ORDER BY key")
          .all(name)
          .map((row) => [text(row, "key"), text(row, "value")]),
      ),
    setTags(name, tags) {
      store.write(() => {
        for (const [key, value] of Object.entries(tags)) {
          store.prepare("INSERT OR REPLACE INTO ssm_tags VALUES (?, ?, ?)").run(name, key, value);
        }
      });
    },
  };
}

/** Checks the name of a new parameter. */
export function checkName(name: string): void {
  if (!/^[\w./-]{1,1011}$/.test(name) || (name.includes("/") && !name.startsWith("/"))) {
    throw new AwsError(
      "ValidationException",
      "Parameter name: if formed as a path, it must begin with / and consist of the letters, numbers and symbols .-_",
    );
  }
  if (/^\/?aws/i.test(name)) {
    throw new AwsError("AccessDeniedException", `No access to reserved parameter name: ${name}.`);
  }
  if (/^\/?ssm/i.test(name)) {
    throw new AwsError(
      "ValidationException",
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive).',
    );
  }
  if (name.split("/").length > 16) {
    throw new AwsError(
      "HierarchyLevelLimitExceededException",
      "A hierarchy can have a maximum of 15 levels.",
    );
  }
}

function load(row: Row): Parameter {
  const type = text(row, "type");
  return {
    name: text(row, "name"),
    version: number(row, "version"),
    type: type === "SecureString" || type === "StringList" ? type : "String",
    value: text(row, "value"),
    description: optionalText(row, "description"),
    keyId: optionalText(row, "key_id"),
    tier: text(row, "tier") === "Advanced" ? "Advanced" : "Standard",
    dataType: text(row, "data_type"),
    allowedPattern: optionalText(row, "allowed_pattern"),
    modified: number(row, "modified"),
  };
}
