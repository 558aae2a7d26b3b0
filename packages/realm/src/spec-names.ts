/** @internal Until spec has them. */
export const realmsTable = "lava.realms";
export function tableNames(realm: string) {
  return {
    jobs: `lava.${realm}.jobs`,
    connections: `lava.${realm}.connections`,
    events: `lava.${realm}.events`,
    s3triggers: `lava.${realm}.s3triggers`,
    state: `lava.${realm}.state`,
  };
}
export function queueName(realm: string, worker: string): string {
  return `lava-${realm}-${worker}`;
}
export function workerLeaseId(worker: string): string {
  return `lava/workers/${worker}`;
}
import type { DispatchMessage } from "./spec-types.ts";
import { formatJson } from "./json-text.ts";
export function formatDispatchMessage(message: DispatchMessage): string {
  const { parameters = {}, globals = {}, ...rest } = message;
  return formatJson({
    ...rest,
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
    ...(Object.keys(globals).length > 0 ? { globals } : {}),
  });
}
export function kmsAliases(realm: string): { readonly sys: string; readonly user: string } {
  return { sys: `alias/lava-${realm}-sys`, user: `alias/lava-${realm}-user` };
}
