import { type DataMap, errorText, LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import { pythonText } from "../python-text.ts";
import { checkKeys } from "../record-keys.ts";
import { decodeUser, type RegistryUser } from "./docker-config.ts";
import { DOCKER_HUB } from "./image-reference.ts";

/** A registry and who we are there. */
export interface RegistryLogin extends RegistryUser {
  /** Host and port, as image names begin with. */
  readonly registry: string;
}

/**
 * The login of a connection record; none without `registry` (CON-docker-01, CON-docker-02). `ecr` and
 * `ecr:<account>` ask ECR for a token, which is good for 12 hours; others have `user` and `password`.
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD, NO_SUCH_PARAMETER, REGISTRY_LOGIN_FAILED
 */
export async function findRegistryLogin(
  conn_id: string,
  record: DataMap,
  realm: Realm,
): Promise<RegistryLogin | undefined> {
  const { registry } = record;
  if (registry === undefined || registry === null || registry === "") return undefined;
  const name = pythonText(registry);
  const [kind, ...accounts] = name.split(":");
  if (kind === "ecr") return ecrLogin(conn_id, accounts, realm);
  checkKeys(record, { required: ["user", "password"] }, `Connection ${conn_id}: `);
  return {
    registry: registryHost(name),
    username: pythonText(record["user"] ?? ""),
    password: await realm.secrets.parameter(pythonText(record["password"] ?? "")),
  };
}

async function ecrLogin(
  conn_id: string,
  registryIds: string[],
  realm: Realm,
): Promise<RegistryLogin> {
  let token: string | undefined;
  let endpoint: string | undefined;
  try {
    const [ecr, { GetAuthorizationTokenCommand }] = await Promise.all([
      realm.clients.ecr(),
      import("@aws-sdk/client-ecr"),
    ]);
    const { authorizationData: [data] = [] } = await ecr.send(
      new GetAuthorizationTokenCommand(registryIds.length === 0 ? {} : { registryIds }),
    );
    token = data?.authorizationToken;
    endpoint = data?.proxyEndpoint;
  } catch (cause) {
    throw new LavaError(
      "REGISTRY_LOGIN_FAILED",
      `Connection ${conn_id}: Cannot login to registry: ${errorText(cause)}`,
      { cause, hint: "The worker's role needs ecr:GetAuthorizationToken." },
    );
  }
  if (token === undefined || endpoint === undefined) {
    throw new LavaError(
      "REGISTRY_LOGIN_FAILED",
      `Connection ${conn_id}: Cannot login to registry: ECR gave no token`,
    );
  }
  const user = decodeUser(token);
  realm.redactor.add(user.password);
  realm.redactor.add(token);
  return { registry: registryHost(endpoint), ...user };
}

/** `https://host/v2/` as image names have it. */
function registryHost(text: string): string {
  const host = text.replace(/^https?:\/\//, "").replace(/\/.*$/s, "");
  return /^(?:(?:index|registry-1)\.)?docker\.io$/.test(host) ? DOCKER_HUB : host;
}
