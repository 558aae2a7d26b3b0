import { randomUUID } from "node:crypto";
import { makeId } from "../credentials.ts";
import type { Engine, EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { openKmsKeys } from "../kms/keys.ts";
import { objectsOf, required, textOf, textsOf } from "../protocols/input.ts";
import { type JsonObject, jsonProtocol } from "../protocols/json.ts";
import { bytes, number, type Row, text } from "../store.ts";

const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";
const MAX_SECRET = 65_536;

/** Secrets Manager: secrets with their current and previous version. */
export function createSecretsManagerEngine(context: EngineContext): Engine {
  const { accountId, clock, region, store } = context;
  const keys = openKmsKeys(context);
  store.exec(
    `CREATE TABLE IF NOT EXISTS sm_secrets (
       name TEXT PRIMARY KEY, arn TEXT NOT NULL UNIQUE, description TEXT NOT NULL,
       key_id TEXT NOT NULL, tags TEXT NOT NULL, created INTEGER NOT NULL
     ) STRICT;
     CREATE TABLE IF NOT EXISTS sm_versions (
       arn TEXT NOT NULL, version_id TEXT NOT NULL, value BLOB NOT NULL, binary INTEGER NOT NULL,
       created INTEGER NOT NULL, PRIMARY KEY (arn, version_id)
     ) STRICT;
     CREATE TABLE IF NOT EXISTS sm_stages (
       arn TEXT NOT NULL, stage TEXT NOT NULL, version_id TEXT NOT NULL, PRIMARY KEY (arn, stage)
     ) STRICT`,
  );

  /** By name, ARN, or ARN without its random end. */
  function get(id: string): Row {
    const row =
      store.prepare("SELECT * FROM sm_secrets WHERE name = ? OR arn = ?").get(id, id) ??
      store.prepare("SELECT * FROM sm_secrets WHERE substr(arn, 1, length(arn) - 7) = ?").get(id);
    if (row === undefined) throw notFound("Secrets Manager can't find the specified secret.");
    return row;
  }

  function versionAt(arn: string, stage: string): string | undefined {
    const row = store
      .prepare("SELECT version_id FROM sm_stages WHERE arn = ? AND stage = ?")
      .get(arn, stage);
    return row && text(row, "version_id");
  }

  const stagesOf = (arn: string, version: string) =>
    store
      .prepare("SELECT stage FROM sm_stages WHERE arn = ? AND version_id = ? ORDER BY stage")
      .all(arn, version)
      .map((row) => text(row, "stage"));

  function setStage(arn: string, stage: string, version: string): void {
    store.prepare("INSERT OR REPLACE INTO sm_stages VALUES (?, ?, ?)").run(arn, stage, version);
  }

  /** Adds the version that an input carries, if it carries one. */
  function addVersion(secret: Row, input: JsonObject): string | undefined {
    const string = textOf(input, "SecretString");
    const binary = textOf(input, "SecretBinary");
    if (string !== undefined && binary !== undefined) {
      throw new AwsError(
        "InvalidParameterException",
        "You can't specify both a binary secret value and a string secret value in the same secret.",
      );
    }
    if (string === undefined && binary === undefined) return undefined;
    const value = string === undefined ? Buffer.from(binary ?? "", "base64") : Buffer.from(string);
    if (value.length < 1 || value.length > MAX_SECRET) {
      throw new AwsError(
        "InvalidParameterException",
        "You must provide a secret value of 1 to 65536 bytes.",
      );
    }
    const arn = text(secret, "arn");
    const version = textOf(input, "ClientRequestToken") ?? randomUUID();
    const known = store
      .prepare("SELECT * FROM sm_versions WHERE arn = ? AND version_id = ?")
      .get(arn, version);
    if (known !== undefined) {
      if (decrypt(known, arn).equals(value)) return version;
      throw new AwsError(
        "ResourceExistsException",
        "You can't use ClientRequestToken for a different secret value than before.",
      );
    }
    const encrypted = keys.encrypt(keys.get(text(secret, "key_id")), value, { SecretARN: arn });
    store
      .prepare("INSERT INTO sm_versions VALUES (?, ?, ?, ?, ?)")
      .run(arn, version, encrypted, string === undefined ? 1 : 0, clock.now());
    const current = versionAt(arn, CURRENT);
    for (const stage of textsOf(input, "VersionStages") ?? [CURRENT]) {
      if (stage === CURRENT && current !== undefined) setStage(arn, PREVIOUS, current);
      setStage(arn, stage, version);
    }
    return version;
  }

  const decrypt = (row: Row, arn: string) =>
    keys.decrypt(bytes(row, "value"), { SecretARN: arn }).plaintext;

  function createSecret(input: JsonObject): object {
    const name = required(textOf(input, "Name"), "Name");
    if (!/^[\w/+=.@-]{1,512}$/.test(name)) {
      throw new AwsError(
        "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
      );
    }
    return store.write(() => {
      if (store.prepare("SELECT 1 FROM sm_secrets WHERE name = ?").get(name) !== undefined) {
        throw new AwsError(
          "ResourceExistsException",
          `The operation failed because the secret ${name} already exists.`,
        );
      }
      const arn = `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-${makeId("").slice(0, 6)}`;
      const key = textOf(input, "KmsKeyId") ?? "alias/aws/secretsmanager";
      store
        .prepare("INSERT INTO sm_secrets VALUES (?, ?, ?, ?, ?, ?)")
        .run(
          name,
          arn,
          textOf(input, "Description") ?? "",
          keys.get(key).id,
          JSON.stringify(objectsOf(input, "Tags") ?? []),
          clock.now(),
        );
      const version = addVersion(get(arn), input);
      return { ARN: arn, Name: name, ...(version === undefined ? {} : { VersionId: version }) };
    });
  }

  function putSecretValue(input: JsonObject): object {
    return store.write(() => {
      const secret = get(required(textOf(input, "SecretId"), "SecretId"));
      const arn = text(secret, "arn");
      const version = addVersion(secret, input);
      if (version === undefined) {
        throw new AwsError(
          "InvalidRequestException",
          "You must provide either SecretString or SecretBinary.",
        );
      }
      return {
        ARN: arn,
        Name: text(secret, "name"),
        VersionId: version,
        VersionStages: stagesOf(arn, version),
      };
    });
  }

  function getSecretValue(input: JsonObject): object {
    const secret = get(required(textOf(input, "SecretId"), "SecretId"));
    const arn = text(secret, "arn");
    const stage = textOf(input, "VersionStage");
    const version = textOf(input, "VersionId") ?? versionAt(arn, stage ?? CURRENT) ?? "";
    const row = store
      .prepare("SELECT * FROM sm_versions WHERE arn = ? AND version_id = ?")
      .get(arn, version);
    if (row === undefined || (stage !== undefined && !stagesOf(arn, version).includes(stage))) {
      throw notFound(
        version === ""
          ? `Secrets Manager can't find the specified secret value for staging label: ${stage ?? CURRENT}`
          : `Secrets Manager can't find the specified secret value for VersionId: ${version}`,
      );
    }
    const value = decrypt(row, arn);
    return {
      ARN: arn,
      Name: text(secret, "name"),
      VersionId: version,
      ...(number(row, "binary") === 1
        ? { SecretBinary: value.toString("base64") }
        : { SecretString: value.toString("utf8") }),
      VersionStages: stagesOf(arn, version),
      CreatedDate: number(row, "created") / 1000,
    };
  }

  function describeSecret(input: JsonObject): object {
    const secret = get(required(textOf(input, "SecretId"), "SecretId"));
    const arn = text(secret, "arn");
    const versions = store
      .prepare("SELECT DISTINCT version_id FROM sm_stages WHERE arn = ?")
      .all(arn)
      .map((row) => text(row, "version_id"));
    const tags: unknown = JSON.parse(text(secret, "tags"));
    return {
      ARN: arn,
      Name: text(secret, "name"),
      Description: text(secret, "description"),
      KmsKeyId: text(secret, "key_id"),
      CreatedDate: number(secret, "created") / 1000,
      Tags: tags,
      VersionIdsToStages: Object.fromEntries(
        versions.map((version) => [version, stagesOf(arn, version)]),
      ),
    };
  }

  return {
    services: ["secretsmanager"],
    handle: jsonProtocol({
      version: "1.1",
      operations: {
        CreateSecret: createSecret,
        DescribeSecret: describeSecret,
        GetSecretValue: getSecretValue,
        PutSecretValue: putSecretValue,
      },
    }),
  };
}

function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message);
}
