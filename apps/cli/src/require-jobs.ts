import { type Issue, LavaError, suggest } from "@lava/core";
import type { Realm } from "@lava/realm";

/**
 * Makes sure that all jobs are there before the first of them is dispatched, or looked at.
 *
 * @param outcome What the fault means for those that are there
 * @throws {LavaError} NO_SUCH_JOB with every one that is not, and the ids that may have been meant
 */
export async function requireJobs(
  realm: Realm,
  ids: readonly string[],
  outcome?: string,
): Promise<void> {
  const found = await Promise.all(ids.map((id) => realm.jobs.get(id)));
  const missing = ids.filter((_id, index) => found[index] === undefined);
  const [first] = missing;
  if (first === undefined) return;
  const known = (await realm.jobs.listItems()).map((item) => String(item["job_id"]));
  const nearest = missing.flatMap((id) => nearestJob(id, known) ?? []);
  const issues = missing.map((id): Issue => {
    const suggestion = nearestJob(id, known);
    return {
      path: [],
      code: "no_such_job",
      message: `${id}: No such job`,
      ...(suggestion === undefined ? {} : { suggestion }),
    };
  });
  throw new LavaError(
    "NO_SUCH_JOB",
    missing.length === 1
      ? `${first}: No such job in realm ${realm.name}`
      : `${missing.length} of these jobs are not in realm ${realm.name}${outcome === undefined ? "" : `; ${outcome}`}`,
    {
      ...(missing.length === 1 ? {} : { issues }),
      hint:
        missing.length === 1 && nearest.length > 0
          ? `Did you mean ${nearest.join(", ")}?`
          : "`lava plan` shows which jobs a deploy would make.",
    },
  );
}

/** The job that a mistyped id, or the last part of one, may mean. */
export function nearestJob(id: string, known: readonly string[]): string | undefined {
  const ends = known.filter((one) => one.endsWith(`/${id}`));
  return ends.length === 1 ? ends[0] : suggest(id, known);
}
