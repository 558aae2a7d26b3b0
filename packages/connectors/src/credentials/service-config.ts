import type { AwsClients, AwsService } from "@lava/realm";

/** What a client of a service that realms have no client of is made with: the realm's region, endpoint and keys. */
export function serviceConfig({ settings }: AwsClients, service: AwsService) {
  const { region, credentials, profile } = settings;
  const endpoint = settings.endpoints?.[service] ?? settings.endpoint;
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(profile === undefined ? {} : { profile }),
  };
}
