import { readlinkSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/**
 * Whether a path of a project, its symlinks followed, stays in the project or in a package that is installed in it.
 * Package managers keep packages in stores and make `node_modules/x` a link to there: a link to `node_modules/x/data`
 * is fine, one that leads on and out of that package is not.
 *
 * @param root the project's real path
 * @param path relative to it
 * @throws Error as `realpath` does for a link that leads nowhere
 */
export function isOwnPath(root: string, path: string): boolean {
  const real = realpathSync.native(join(root, path));
  if (isWithin(real, root)) return true;
  const home = packageOf(root, linkTarget(root, path));
  return home !== undefined && isWithin(real, realpathSync.native(home));
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

/** The folder of the installed package that a path is in: `node_modules/x`, `node_modules/@scope/x`. */
function packageOf(root: string, path: string): string | undefined {
  const [scope = "", name = ""] = relative(join(root, "node_modules"), path).split("/");
  if (scope === "" || scope === ".." || scope.startsWith(".")) return undefined;
  return join(root, "node_modules", scope, ...(scope.startsWith("@") ? [name] : []));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? folder : `${folder}/`);
}
