import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findServerProgram } from "./find-program.ts";
import { freePort } from "./free-port.ts";
import { startProgram } from "./start-program.ts";
import type { TestServer } from "./test-server.ts";

const run = promisify(execFile);

/** An ssh server of a test, which lets in this process's user with one key. */
export interface TestSshd extends TestServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The private key that it lets in. */
  readonly key: string;
  /** File of that key. */
  readonly keyFile: string;
  /** Its line of known_hosts. */
  readonly knownHosts: string;
  readonly pid: number;
}

/**
 * Starts an ssh server on a free port of the loopback interface, SFTP included. Everything in it is done as the user
 * of this process.
 *
 * @param env Where programs are looked up: PATH.
 * @throws {Error} that says what to install, or why the server does not come up
 */
export async function startSshd(
  env: Readonly<Record<string, string | undefined>>,
): Promise<TestSshd> {
  const path = env["PATH"] ?? "";
  const program = await findServerProgram("sshd", "openssh-server", path);
  const keygen = await findServerProgram("ssh-keygen", "openssh-client", path);
  const scan = await findServerProgram("ssh-keyscan", "openssh-client", path);
  const host = "127.0.0.1";
  const port = await freePort();
  const user = userInfo().username;
  const makeKey = (file: string): Promise<unknown> =>
    run(keygen, ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file]);
  const running = await startProgram({
    name: "sshd",
    program,
    env: { PATH: path },
    async prepare(folder) {
      await Promise.all([makeKey(join(folder, "host")), makeKey(join(folder, "user"))]);
      await writeFile(join(folder, "allowed"), await readFile(join(folder, "user.pub")));
      // A server that is run by root wants this folder of the system's.
      if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
      await writeFile(
        join(folder, "sshd_config"),
        [
          `Port ${port}`,
          `ListenAddress ${host}`,
          `HostKey ${join(folder, "host")}`,
          `AuthorizedKeysFile ${join(folder, "allowed")}`,
          `PidFile ${join(folder, "sshd.pid")}`,
          "PasswordAuthentication no",
          "KbdInteractiveAuthentication no",
          "PermitRootLogin yes",
          "StrictModes no",
          "UsePAM no",
          "MaxStartups 100",
          "Subsystem sftp internal-sftp",
          "",
        ].join("\n"),
      );
    },
    args: (folder) => ["-D", "-e", "-f", join(folder, "sshd_config")],
    async isReady() {
      const { stdout } = await run(scan, ["-T", "2", "-p", String(port), host]);
      return stdout.includes("ssh-");
    },
  });
  const { folder, pid } = running;
  const keyFile = join(folder, "user");
  const [type = "", blob = ""] = (await readFile(join(folder, "host.pub"), "utf8")).split(" ");
  return {
    name: "sshd",
    folder,
    env: {},
    host,
    port,
    user,
    pid,
    keyFile,
    key: await readFile(keyFile, "utf8"),
    knownHosts: `[${host}]:${port} ${type} ${blob}\n`,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
