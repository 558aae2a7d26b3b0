import { readlinkSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * Whether a path of a project, its symlinks followed, stays in the project. What the package manager installed belongs
 * to it, wherever the store of the packages is: `root/node_modules/x` may be a link out of the project, a link to
 * `node_modules/x` may not be called one.
 *
 * @param root the project's real path
 * @param path relative to it
 * @throws Error as `realpath` does for a link that leads nowhere
 */
export function isOwnPath(root: string, path: string): boolean {
  const real = realpathSync.native(join(root, path));
  return isBelow(real, root) || isBelow(linkTarget(root, path), join(root, "node_modules"));
}

/** Where the first link of a path leads, as it is written; the path itself without one. */
function linkTarget(root: string, path: string): string {
  let at = root;
  const parts = path.split("/");
  for (const [index, part] of parts.entries()) {
    at = join(at, part);
    try {
      return join(resolve(dirname(at), readlinkSync(at)), ...parts.slice(index + 1));
    } catch {
      // Not a link: further down.
    }
  }
  return at;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? folder : `${folder}/`);
}
