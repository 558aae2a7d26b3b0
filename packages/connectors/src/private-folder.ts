import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";

/**
 * Makes a folder of mode 0700 for one client. The realm's TMPDIR is made where there is none: an application's machine
 * has had no worker that did it.
 */
export async function makePrivateFolder(tmpdir: string, prefix: string): Promise<string> {
  await mkdir(tmpdir, { recursive: true });
  return await mkdtemp(join(tmpdir, prefix));
}
