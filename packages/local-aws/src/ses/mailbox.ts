import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

/** A mail that SES accepted; the whole of it is in the `.eml` file of the same name. */
export interface Mail {
  readonly messageId: string;
  /** Milliseconds. */
  readonly time: number;
  /** Region that the client asked. */
  readonly region: string;
  readonly from: string;
  /** Everybody it goes to, blind copies included. */
  readonly destinations: readonly string[];
  readonly replyTo: readonly string[];
  readonly returnPath?: string | undefined;
  readonly configurationSet?: string | undefined;
  readonly subject: string;
  /** Parts of a mail that was not sent raw. */
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  /** The message in full, as it would travel. */
  readonly raw: string;
}

/** Where mails land: nothing leaves the machine. */
export interface Mailbox {
  add(mail: Mail): void;
}

/** A folder with `<time>-<message id>.json` and `.eml` for each mail. */
export function openMailbox(dataDir: string): Mailbox {
  const folder = mailFolder(dataDir);
  return {
    add(mail) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const { raw, ...head } = mail;
      const name = join(folder, `${String(mail.time).padStart(15, "0")}-${mail.messageId}`);
      write(`${name}.eml`, raw);
      write(`${name}.json`, `${JSON.stringify(head, null, 2)}\n`);
    },
  };
}

/** The mails of an endpoint's data folder, oldest first. */
export function readMails(dataDir: string): Mail[] {
  const folder = mailFolder(dataDir);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => {
      const head: Omit<Mail, "raw"> = JSON.parse(readFileSync(join(folder, name), "utf8"));
      const raw = readFileSync(join(folder, name.replace(/json$/, "eml")), "latin1");
      return { ...head, raw };
    });
}

/** Where the mails of a data folder are. */
export function mailFolder(dataDir: string): string {
  return join(dataDir, "ses");
}

/** A mail is answered when it is on disk. */
function write(file: string, content: string): void {
  const descriptor = openSync(file, "wx", 0o600);
  try {
    writeSync(descriptor, content, null, file.endsWith(".eml") ? "latin1" : "utf8");
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
