import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findServerProgram } from "./find-program.ts";
import { freePort } from "./free-port.ts";
import { startProgram } from "./start-program.ts";
import type { TestServer } from "./test-server.ts";

const run = promisify(execFile);

/** An SMB server of a test, which demands signed messages and has one user. */
export interface TestSamba extends TestServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** A share that may be written, and its folder here. */
  readonly share: string;
  readonly shareFolder: string;
  /** A share that may only be read. */
  readonly readOnlyShare: string;
  /** A share that is for nobody. */
  readonly closedShare: string;
}

/**
 * Starts Samba's server on a free port of the loopback interface: SMB 2 and 3, signing demanded. Its user is the one
 * of this process.
 *
 * @param env Where programs are looked up: PATH.
 * @throws {Error} that says what to install, or why the server does not come up
 */
export async function startSamba(
  env: Readonly<Record<string, string | undefined>>,
): Promise<TestSamba> {
  const path = env["PATH"] ?? "";
  const program = await findServerProgram("smbd", "samba", path);
  const smbpasswd = await findServerProgram("smbpasswd", "samba", path);
  const client = await findServerProgram("smbclient", "smbclient", path);
  const host = "127.0.0.1";
  const port = await freePort();
  const user = userInfo().username;
  const password = `pass word ${randomBytes(6).toString("hex")}`;
  const config = (folder: string): string => join(folder, "smb.conf");
  const running = await startProgram({
    name: "samba",
    program,
    ownGroup: true,
    env: { PATH: path },
    async prepare(folder) {
      for (const name of ["share", "lock", "state", "cache", "private", "pid", "rpc"]) {
        await mkdir(join(folder, name), { mode: 0o755 });
      }
      await chown(join(folder, "share"), process.getuid?.() ?? 0, process.getgid?.() ?? 0);
      const share = (name: string, ...lines: string[]): string[] => [
        `[${name}]`,
        `path = ${join(folder, "share")}`,
        ...lines,
      ];
      const lines = [
        "[global]",
        "workgroup = TEST",
        "netbios name = TESTHOST",
        `interfaces = ${host}`,
        "bind interfaces only = yes",
        `smb ports = ${port}`,
        "server role = standalone server",
        "server signing = mandatory",
        "server min protocol = SMB2",
        "ntlm auth = ntlmv2-only",
        "map to guest = never",
        "load printers = no",
        "disable spoolss = yes",
        "log level = 0",
        `lock directory = ${join(folder, "lock")}`,
        `state directory = ${join(folder, "state")}`,
        `cache directory = ${join(folder, "cache")}`,
        `private dir = ${join(folder, "private")}`,
        `pid directory = ${join(folder, "pid")}`,
        `ncalrpc dir = ${join(folder, "rpc")}`,
        `passdb backend = tdbsam:${join(folder, "private", "passdb.tdb")}`,
        ...share("data", "read only = no"),
        ...share("readonly", "read only = yes"),
        ...share("closed", "read only = no", "valid users = nobody-at-all"),
      ];
      await writeFile(config(folder), `${lines.join("\n")}\n`);
      await addUser(smbpasswd, ["-c", config(folder), "-s", "-a", user], `${password}\n`.repeat(2));
    },
    args: (folder) => [
      "--foreground",
      "--no-process-group",
      "-s",
      config(folder),
      "--debug-stdout",
    ],
    async isReady(folder) {
      await writeFile(join(folder, "auth"), `username=${user}\npassword=${password}\n`, {
        mode: 0o600,
      });
      const where = ["-p", String(port), "-s", config(folder), "-A", join(folder, "auth")];
      await run(client, [`//${host}/data`, ...where, "-c", "ls"]);
      return true;
    },
  });
  return {
    name: "samba",
    folder: running.folder,
    env: {},
    host,
    port,
    user,
    password,
    share: "data",
    shareFolder: join(running.folder, "share"),
    readOnlyShare: "readonly",
    closedShare: "closed",
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

function addUser(program: string, args: readonly string[], input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (part: Buffer) => (said += part.toString()));
    }
    child.once("error", reject);
    child.once("close", (status) => {
      if (status === 0) resolve();
      else reject(new Error(`smbpasswd failed: ${said}`));
    });
    child.stdin.end(input);
  });
}
