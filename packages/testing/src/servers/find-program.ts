import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Where Debian keeps programs that are not for everybody. */
const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/**
 * The path of a server's program. A machine without it cannot run the test, and says so instead of leaving it out.
 *
 * @param debianPackage What brings the program.
 * @throws {Error} that says what to install
 */
export async function findServerProgram(
  program: string,
  debianPackage: string,
  path: string,
): Promise<string> {
  for (const folder of [...path.split(delimiter), ...SYSTEM_FOLDERS]) {
    const file = join(folder, program);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // the next folder
    }
  }
  throw new Error(
    `This test needs the program ${program}, which is not on this machine: apt-get install ${debianPackage}`,
  );
}
