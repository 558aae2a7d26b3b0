import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ProgramUser } from "./start-program.ts";

const run = promisify(execFile);

/**
 * The user under which a server is started that refuses to run as root: the first of `names` that this machine has;
 * undefined where this process is not root and everything is done in its own name.
 *
 * @throws {Error} when the machine has none of them
 */
export async function unprivilegedUser(
  ...names: readonly string[]
): Promise<ProgramUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of names) {
    try {
      const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    } catch {
      // the next name
    }
  }
  throw new Error(`This machine has no user ${names.join(" or ")} under whom a server can be run`);
}
