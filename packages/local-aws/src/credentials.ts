import { randomBytes, randomInt } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, LavaError } from "@lava/core";
import { isJsonObject } from "./protocols/json.ts";
import { number, type Store, text } from "./store.ts";

/** An access key. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** An access key for a while, as AssumeRole gives it. */
export interface Session extends Credentials {
  readonly sessionToken: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
  /** ARN of the assumed role session. */
  readonly arn: string;
  /** `AROA...:name`. */
  readonly userId: string;
}

/** Who may call. */
export interface Keyring {
  readonly root: Credentials;
  /** The key, or session, of that id; a session that is over is not found. */
  find(accessKeyId: string): Credentials | Session | undefined;
  openSession(session: { arn: string; userId: string; expires: number }): Session;
}

/** Root key from the options or the data folder, sessions from the store. */
export function openKeyring(root: Credentials, store: Store, clock: Clock): Keyring {
  store.exec(
    `CREATE TABLE IF NOT EXISTS sts_sessions (
       access_key_id TEXT PRIMARY KEY, secret TEXT NOT NULL, token TEXT NOT NULL,
       expires INTEGER NOT NULL, arn TEXT NOT NULL, user_id TEXT NOT NULL
     ) STRICT`,
  );
  return {
    root,
    find(accessKeyId) {
      if (accessKeyId === root.accessKeyId) return root;
      const row = store
        .prepare("SELECT * FROM sts_sessions WHERE access_key_id = ? AND expires > ?")
        .get(accessKeyId, clock.now());
      if (row === undefined) return undefined;
      return {
        accessKeyId,
        secretAccessKey: text(row, "secret"),
        sessionToken: text(row, "token"),
        expires: number(row, "expires"),
        arn: text(row, "arn"),
        userId: text(row, "user_id"),
      };
    },
    openSession({ arn, userId, expires }) {
      const session: Session = {
        accessKeyId: makeId("ASIA"),
        secretAccessKey: makeSecret(),
        sessionToken: randomBytes(96).toString("base64"),
        expires,
        arn,
        userId,
      };
      store.write(() => {
        store.prepare("DELETE FROM sts_sessions WHERE expires <= ?").run(clock.now());
        store
          .prepare("INSERT INTO sts_sessions VALUES (?, ?, ?, ?, ?, ?)")
          .run(
            session.accessKeyId,
            session.secretAccessKey,
            session.sessionToken,
            expires,
            arn,
            userId,
          );
      });
      return session;
    },
  };
}

/** A random key. */
export function makeCredentials(): Credentials {
  return { accessKeyId: makeId("AKIA"), secretAccessKey: makeSecret() };
}

/** The key kept in `folder`, made on first use; readable by its owner only. */
export function loadCredentials(folder: string): Credentials {
  const file = join(folder, "credentials.json");
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch {
    const credentials = makeCredentials();
    const draft = `${file}.${randomBytes(4).toString("hex")}`;
    writeFileSync(draft, `${JSON.stringify(credentials)}\n`, { mode: 0o600, flush: true });
    renameSync(draft, file);
    return credentials;
  }
  const value: unknown = parse(content, file);
  if (
    !isJsonObject(value) ||
    typeof value["accessKeyId"] !== "string" ||
    typeof value["secretAccessKey"] !== "string"
  ) {
    throw badFile(file);
  }
  return { accessKeyId: value["accessKeyId"], secretAccessKey: value["secretAccessKey"] };
}

function parse(content: string, file: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw badFile(file, error);
  }
}

function badFile(file: string, cause?: unknown): LavaError {
  return new LavaError("BAD_CREDENTIALS_FILE", `${file} does not hold an access key`, {
    hint: "Remove the file; a new key is made at the next start.",
    cause,
  });
}

/** An id as IAM makes them: a prefix for its kind and sixteen characters. */
export function makeId(prefix: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return prefix + Array.from({ length: 16 }, () => alphabet[randomInt(32)]).join("");
}

function makeSecret(): string {
  return randomBytes(30).toString("base64url");
}
