import { createRedactor, type DataMap, LavaError, nullLogger, systemClock } from "@lava/core";
import type { Realm } from "@lava/realm";
import { parseStoredConnection, resolveConfig } from "@lava/spec";

/** What a fake realm holds. */
export interface FakeRealm {
  /** Items of the connections table by id. */
  readonly connections?: Readonly<Record<string, DataMap>>;
  /** SSM parameters by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Secrets Manager secrets by id. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly config?: DataMap;
  /** AWS profile of the clients. */
  readonly profile?: string;
}

/** What connectors use of a realm, from memory. */
export function fakeRealm({ connections = {}, ...given }: FakeRealm): Realm {
  const find = (map: Readonly<Record<string, string>> = {}, name: string): string => {
    const value = map[name];
    if (value === undefined) throw new LavaError("NO_SUCH_PARAMETER", `${name}: not found`);
    return value;
  };
  const realm = {
    name: "test",
    config: resolveConfig({ env: {}, realmConfig: given.config ?? {} }),
    logger: nullLogger,
    clock: systemClock,
    redactor: createRedactor(),
    clients: { settings: given.profile === undefined ? {} : { profile: given.profile } },
    connections: {
      get: async (conn_id: string) => {
        const item = connections[conn_id];
        return item && parseStoredConnection({ conn_id, ...item });
      },
    },
    secrets: {
      parameter: async (name: string) => find(given.parameters, name),
      secret: async (id: string) => find(given.secrets, id),
    },
  };
  // Only what connectors use; S3 is tested against a whole realm.
  return realm as unknown as Realm;
}
