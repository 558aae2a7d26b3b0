import { LavaError } from "@lava/core";
import { gitChanges } from "../build/git.ts";
import type { Project } from "../project.ts";

/**
 * Whether changes to an environment need somebody's yes: it is in `protected` of the project's settings (FW-251).
 *
 * @throws {LavaError} DIRTY_TREE when it is, and what would be deployed is not what is committed
 */
export async function needsConfirmation(project: Project, env: string): Promise<boolean> {
  if (!project.settings.protected.includes(env)) return false;
  const changes = await gitChanges(project);
  if (changes === undefined || changes.length === 0) return true;
  const more = changes.length > 5 ? `, and ${changes.length - 5} more` : "";
  throw new LavaError(
    "DIRTY_TREE",
    `Environment ${env} is protected, and the project has changes that are not committed: ` +
      `${changes.slice(0, 5).join(", ")}${more}`,
    { hint: "Commit or stash them; nothing was changed." },
  );
}
