import type { SharePointClient } from "@lava/connectors";
import type { DataMap } from "@lava/core";
import { LavaError } from "@lava/core";
import type { Job, JobContext } from "./handler.ts";

/** The job types of SharePoint. */
export type SharePointJob =
  | "sharepoint_get_doc"
  | "sharepoint_get_multi_doc"
  | "sharepoint_put_doc"
  | "sharepoint_get_list"
  | "sharepoint_put_list";

/** Opens the connection of a job. */
export async function openSharePoint(
  { job_id, parameters }: Job<SharePointJob>,
  { realm, env, tmpdir }: JobContext,
): Promise<SharePointClient> {
  const { connect } = await import("@lava/connectors");
  return connect(parameters.conn_id, { realm, env, tmpdir, job_id, type: "sharepoint" });
}

/** Renders a parameter, unless the job says `jinja: false`. */
export function renderParameter(
  text: string,
  name: string,
  { jinja, vars }: { readonly jinja: boolean; readonly vars: DataMap },
  context: JobContext,
): string {
  return jinja ? context.render(text, { vars }, { path: ["parameters", name] }) : text;
}

/**
 * The path of a document as the connection's client has it (JOB-sharepoint_get_doc-03).
 *
 * @throws {LavaError} BAD_SHAREPOINT_PATH
 */
export function documentPath(library: string, path: string): string {
  if (path.startsWith("/")) return `/${library}${path}`;
  throw new LavaError("BAD_SHAREPOINT_PATH", `${path}: Absolute path required`, {
    retry: "never",
    hint: "Paths in a document library begin with /.",
  });
}
