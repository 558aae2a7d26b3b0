import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** What a list of known hosts says about the key that a host shows. */
export type HostKeyFinding = "known" | "unknown" | "changed" | "revoked";

/**
 * Looks a host's key up in lines of known_hosts (sshd(8), hashed names included). `changed` is a host that is known
 * under another key of the same kind.
 */
export function findHostKey(lines: string, names: readonly string[], key: Buffer): HostKeyFinding {
  const type = keyType(key);
  const shown = key.toString("base64");
  let finding: HostKeyFinding = "unknown";
  for (const line of lines.split("\n")) {
    const words = line.trim().split(/\s+/);
    if (words[0] === undefined || words[0] === "" || words[0].startsWith("#")) continue;
    const mark = words[0].startsWith("@") ? words.shift() : undefined;
    const [hosts = "", keyWord, blob] = words;
    if (mark === "@cert-authority" || !names.some((name) => isHost(hosts, name))) continue;
    if (mark === "@revoked" && blob === shown) return "revoked";
    if (mark !== undefined) continue;
    if (blob === shown) finding = "known";
    else if (keyWord === type && finding === "unknown") finding = "changed";
  }
  return finding;
}

/** Names under which a host is looked up: its own, with the port where that is not 22. */
export function hostNames(host: string, port: number, alias?: string): string[] {
  if (alias !== undefined) return [alias];
  return port === 22 ? [host] : [`[${host}]:${port}`];
}

/** The text of the files that ssh looks into, those that are there. */
export async function readKnownHosts(
  files: readonly string[] | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const home = env["HOME"] ?? homedir();
  const usual = ["~/.ssh/known_hosts", "~/.ssh/known_hosts2", "/etc/ssh/ssh_known_hosts"];
  const texts = (files ?? usual).map(async (file) => {
    const path = file.startsWith("~/") ? join(home, file.slice(2)) : file;
    return readFile(path, "utf8").catch(() => "");
  });
  return (await Promise.all(texts)).join("\n");
}

function isHost(patterns: string, name: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|(.+)$/.exec(patterns) ?? [];
  if (salt !== undefined) {
    const made = createHmac("sha1", Buffer.from(salt, "base64")).update(name.toLowerCase());
    return made.digest("base64") === hash;
  }
  let is = false;
  for (const pattern of patterns.split(",")) {
    const plain = pattern.replace(/^!/, "");
    const regex = new RegExp(
      `^${plain
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replaceAll("*", ".*")
        .replaceAll("?", ".")}$`,
      "i",
    );
    if (!regex.test(name)) continue;
    if (pattern.startsWith("!")) return false;
    is = true;
  }
  return is;
}

/** A key begins with the name of its kind, its length before it. */
function keyType(key: Buffer): string {
  return key.length < 4 ? "" : key.subarray(4, 4 + key.readUInt32BE(0)).toString();
}
