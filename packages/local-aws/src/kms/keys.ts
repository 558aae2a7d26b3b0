import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from "node:crypto";
import type { EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { bytes, number, text } from "../store.ts";

/** A symmetric key. */
export interface KmsKey {
  readonly id: string;
  readonly arn: string;
  readonly description: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  /** Made by a service for itself (`alias/aws/ssm`). */
  readonly managedByAws: boolean;
}

/** Pairs that have to be the same when decrypting. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** The keys of the account, shared by KMS and the services that encrypt with it. */
export interface KmsKeys {
  create(description: string): KmsKey;
  createAlias(name: string, key: KmsKey): void;
  listAliases(): readonly { readonly name: string; readonly keyId: string }[];
  list(): readonly KmsKey[];
  /** By id, ARN, alias or alias ARN; `alias/aws/...` comes into being when it is asked for. */
  get(reference: string): KmsKey;
  encrypt(key: KmsKey, plaintext: Buffer, context?: EncryptionContext): Buffer;
  /** InvalidCiphertextException when it is not from here or the context differs. */
  decrypt(ciphertext: Buffer, context?: EncryptionContext): { key: KmsKey; plaintext: Buffer };
}

const VERSION = 1;
const IV_LENGTH = 12;
const TAG_LENGTH = 16;
const HEAD_LENGTH = 1 + 16 + IV_LENGTH + TAG_LENGTH;

/** Opens the keys; their material lies in the data folder, which only its owner can read. */
export function openKmsKeys({ accountId, clock, region, store }: EngineContext): KmsKeys {
  store.exec(
    `CREATE TABLE IF NOT EXISTS kms_keys (
       id TEXT PRIMARY KEY, material BLOB NOT NULL, description TEXT NOT NULL,
       created INTEGER NOT NULL, managed INTEGER NOT NULL
     ) STRICT;
     CREATE TABLE IF NOT EXISTS kms_aliases (name TEXT PRIMARY KEY, key_id TEXT NOT NULL) STRICT`,
  );
  const arnPrefix = `arn:aws:kms:${region}:${accountId}:`;

  function create(description: string, managed: boolean): KmsKey {
    const id = randomUUID();
    store.write(() =>
      store
        .prepare("INSERT INTO kms_keys VALUES (?, ?, ?, ?, ?)")
        .run(id, randomBytes(32), description, clock.now(), managed ? 1 : 0),
    );
    return load(id)?.key ?? missing(id);
  }

  function load(id: string): { key: KmsKey; material: Buffer } | undefined {
    const row = store.prepare("SELECT * FROM kms_keys WHERE id = ?").get(id);
    return (
      row && {
        material: bytes(row, "material"),
        key: {
          id,
          arn: `${arnPrefix}key/${id}`,
          description: text(row, "description"),
          created: number(row, "created"),
          managedByAws: number(row, "managed") === 1,
        },
      }
    );
  }

  function setAlias(name: string, key: KmsKey): void {
    store.write(() => store.prepare("INSERT INTO kms_aliases VALUES (?, ?)").run(name, key.id));
  }

  function get(reference: string): KmsKey {
    const name = reference.replace(/^arn:[^:]*:kms:[^:]*:[^:]*:(?:key\/)?/, "");
    if (!name.startsWith("alias/")) return load(name)?.key ?? missing(`Key '${name}'`);
    const row = store.prepare("SELECT key_id FROM kms_aliases WHERE name = ?").get(name);
    if (row !== undefined) return load(text(row, "key_id"))?.key ?? missing(`Alias ${name}`);
    if (!name.startsWith("alias/aws/")) return missing(`Alias ${arnPrefix}${name}`);
    const key = create(`Default key of ${name.slice("alias/aws/".length)}`, true);
    setAlias(name, key);
    return key;
  }

  return {
    create: (description) => create(description, false),
    createAlias(name, key) {
      if (store.prepare("SELECT 1 FROM kms_aliases WHERE name = ?").get(name) !== undefined) {
        throw new AwsError(
          "AlreadyExistsException",
          `An alias with the name ${arnPrefix}${name} already exists`,
        );
      }
      setAlias(name, key);
    },
    listAliases: () =>
      store
        .prepare("SELECT * FROM kms_aliases ORDER BY name")
        .all()
        .map((row) => ({ name: text(row, "name"), keyId: text(row, "key_id") })),
    list: () =>
      store
        .prepare("SELECT id FROM kms_keys ORDER BY created, id")
        .all()
        .map((row) => load(text(row, "id"))?.key ?? missing("Key")),
    get,
    encrypt(key, plaintext, context = {}) {
      const material = load(key.id)?.material ?? missing(`Key '${key.id}'`);
      const iv = randomBytes(IV_LENGTH);
      const cipher = createCipheriv("aes-256-gcm", material, iv, { authTagLength: TAG_LENGTH });
      cipher.setAAD(canonical(context));
      const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      const id = Buffer.from(key.id.replaceAll("-", ""), "hex");
      return Buffer.concat([Buffer.from([VERSION]), id, iv, cipher.getAuthTag(), body]);
    },
    decrypt(ciphertext, context = {}) {
      const id = ciphertext
        .toString("hex", 1, 17)
        .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
      const found = ciphertext[0] === VERSION ? load(id) : undefined;
      if (found === undefined || ciphertext.length < HEAD_LENGTH) throw invalidCiphertext();
      const tagAt = 17 + IV_LENGTH;
      const decipher = createDecipheriv(
        "aes-256-gcm",
        found.material,
        ciphertext.subarray(17, tagAt),
        { authTagLength: TAG_LENGTH },
      );
      decipher.setAAD(canonical(context));
      decipher.setAuthTag(ciphertext.subarray(tagAt, HEAD_LENGTH));
      try {
        const start = decipher.update(ciphertext.subarray(HEAD_LENGTH));
        return { key: found.key, plaintext: Buffer.concat([start, decipher.final()]) };
      } catch {
        throw invalidCiphertext();
      }
    },
  };
}

function canonical(context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify(pairs));
}

function missing(what: string): never {
  throw new AwsError("NotFoundException", `${what} is not found.`);
}

function invalidCiphertext(): AwsError {
  return new AwsError("InvalidCiphertextException", "the ciphertext cannot be decrypted");
}
