import { join } from "node:path";
import { quoteShellWord } from "@lava/core";
import type { Wrapper, WrapperFile } from "../connector.ts";
import type { SshRecord } from "./ssh-record.ts";

/** Files with key and known hosts of a wrapper, and the words by which ssh, scp and sftp find them. */
export interface SshWords {
  readonly words: readonly string[];
  readonly files: readonly WrapperFile[];
}

/** The words before those of the caller: options as the record has them, then the key (CON-ssh-03). */
export function sshWords({ options, key, knownHosts }: SshRecord, dir: string): SshWords {
  const given =
    knownHosts === undefined
      ? options
      : [...options, `UserKnownHostsFile=${quoted(join(dir, "known_hosts"))}`];
  return {
    words: [
      ...given.map((option) => `-o ${quoteShellWord(option)}`),
      `-i ${quoteShellWord(join(dir, "ssh.pem"))}`,
    ],
    files: [
      { name: "ssh.pem", content: key, mode: 0o600 },
      ...(knownHosts === undefined
        ? []
        : [{ name: "known_hosts", content: `${knownHosts.trimEnd()}\n`, mode: 0o600 }]),
    ],
  };
}

/** The wrapper of ssh, scp or sftp; its script is called as the record writes the type (CON-all-02). */
export function sshWrapper(record: SshRecord, type: string, dir: string): Wrapper {
  const { words, files } = sshWords(record, dir);
  const content = `#!/bin/bash\n${type.toLowerCase()} ${words.join(" ")} "$@"\n`;
  return { command: type, files: [...files, { name: type, content, mode: 0o700 }] };
}

/** A path with blanks in it would be two files. */
function quoted(path: string): string {
  return /\s/.test(path) ? `"${path}"` : path;
}
