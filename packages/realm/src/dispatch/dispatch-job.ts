import { type Environment, awsSettingsFromEnv } from "../aws-settings.ts";
import { createAwsClients } from "../clients.ts";
import { openRealm, type Realm } from "../realm.ts";
import type { SendRequest, Sent } from "./types.ts";

/** Options of {@link dispatch}. */
export interface DispatchOptions extends Omit<SendRequest, "job_id"> {
  /** An open realm, or the name of one; an application that dispatches often opens it once. */
  readonly realm: Pick<Realm, "send"> | string;
  /** For AWS settings and configuration, where `realm` is a name. */
  readonly env?: Environment;
}

/**
 * Dispatches a job from an application, without a worker or a project.
 *
 * @throws {LavaError} what `Realm.send` throws; NO_SUCH_REALM
 */
export async function dispatch(
  job_id: string,
  { realm, env = {}, ...request }: DispatchOptions,
): Promise<Sent> {
  if (typeof realm !== "string") return realm.send({ job_id, ...request });
  await using clients = createAwsClients(awsSettingsFromEnv(env));
  const opened = await openRealm(realm, { clients, env });
  return opened.send({ job_id, ...request });
}
