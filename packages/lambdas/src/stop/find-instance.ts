import { errorText, LavaError, type Logger } from "@lava/core";
import { isAccessDenied, type StopClients } from "@lava/realm";

/**
 * Whether SSM can reach an instance, which has to carry the tag LavaRealm of the realm (LAM-405). A function that may
 * not ask takes it for reachable, as the original does.
 *
 * @throws {LavaError} REALM_MISMATCH for an instance of somebody else
 */
export async function isReachable(
  instance_id: string,
  realm: string,
  { clients, logger }: { readonly clients: StopClients; readonly logger: Logger },
): Promise<boolean> {
  const [ssm, { DescribeInstanceInformationCommand }] = await Promise.all([
    clients.ssm(),
    import("../sdk/ssm.ts"),
  ]);
  const byId = { Key: "InstanceIds", Values: [instance_id] };
  const count = async (...filters: { Key: string; Values: string[] }[]): Promise<number> => {
    const { InstanceInformationList = [] } = await ssm.send(
      new DescribeInstanceInformationCommand({ Filters: [byId, ...filters] }),
    );
    return InstanceInformationList.length;
  };
  try {
    const [all, own] = await Promise.all([
      count(),
      count({ Key: "tag:LavaRealm", Values: [realm] }),
    ]);
    if (own > 0) return true;
    if (all === 0) return false;
  } catch (error) {
    if (!isAccessDenied(error)) throw error;
    logger.warn({ instance_id, error: errorText(error) }, "cannot ask SSM about the instance");
    return true;
  }
  throw new LavaError(
    "REALM_MISMATCH",
    `The instance ${instance_id} is not of the realm ${realm}: its tag LavaRealm is another or missing`,
    {
      retry: "never",
      hint: "The scaling group of a worker hands its tag LavaRealm to each instance.",
    },
  );
}
