import { type ChildProcess, spawn } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { LavaError } from "@lava/core";
import type { ConnectorContext } from "../connector.ts";
import { makePrivateFolder } from "../private-folder.ts";
import type { SmbRecord } from "./smb-record.ts";

/** One run of smbclient. */
export interface SmbRun {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** What it said, once it has ended. */
  readonly said: Promise<string>;
}

/** Samba's client with the credentials of one connection. */
export interface SmbProgram extends AsyncDisposable {
  /** Runs one command on a share. */
  start(share: string, command: string): SmbRun;
  /** The names of the shares, as smbclient lists them. */
  listShares(): SmbRun;
}

/**
 * Makes the authentication file, mode 0600 in a private folder, which goes with the client. Nothing secret is an
 * argument.
 */
export async function openSmbProgram(
  record: SmbRecord,
  { tmpdir, env }: ConnectorContext,
): Promise<SmbProgram> {
  const dir = await makePrivateFolder(tmpdir, "lava-smb-");
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  const auth = join(dir, "auth");
  try {
    const lines = [
      ["username", record.user],
      ["password", record.password],
    ];
    if (record.domain !== "") lines.push(["domain", record.domain]);
    const text = lines.map(([name, value]) => `${name}=${value}\n`).join("");
    await writeFile(auth, text, { mode: 0o600 });
  } catch (error) {
    await remove();
    throw error;
  }
  const options = [
    ...["-p", String(record.port), "-I", record.host, "-n", record.myName],
    ...["-A", auth, "-s", "/dev/null", "-m", "SMB3", "-E"],
    `--client-protection=${record.encrypt ? "encrypt" : "sign"}`,
    ...(record.ntlmV2 ? [] : ["--option=client ntlmv2 auth=no"]),
  ];
  const run = (args: readonly string[]): SmbRun => {
    const child = spawn("smbclient", [...args, ...options], {
      env: { PATH: env["PATH"], HOME: dir, TZ: "UTC", LC_ALL: "C.UTF-8" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    return { child, stdin: child.stdin, stdout: child.stdout, said: listen(child, child.stderr) };
  };
  return {
    start: (share, command) => run([`//${record.remoteName}/${share}`, "-c", command]),
    listShares: () => run(["-L", `//${record.remoteName}`, "-g"]),
    [Symbol.asyncDispose]: remove,
  };
}

function listen(child: ChildProcess, stderr: Readable): Promise<string> {
  let text = "";
  stderr.on("data", (part: Buffer) => (text += part.toString()));
  const said = new Promise<string>((resolve, reject) => {
    child.once("error", (cause) => {
      reject(
        new LavaError("DRIVER_MISSING", "The program smbclient cannot be run", {
          cause,
          retry: "never",
          hint: "smb connections need Samba's smbclient: apt-get install smbclient",
        }),
      );
    });
    child.once("close", (status, signal) => {
      if (status === 0 || text.trim() !== "") resolve(text);
      else resolve(`smbclient ended with ${signal ?? `status ${status}`} NT_STATUS_UNSUCCESSFUL`);
    });
  });
  // Whoever reads it gets the fault; nobody may, where the stream fails first.
  said.catch(() => undefined);
  return said;
}
