import { jobKeys } from "./job-keys.ts";
import { newKeys } from "./new-keys.ts";
import { workerKeys } from "./worker-keys.ts";

/** Every configuration key: type, default and meaning (CFG-001..161). */
export const configKeys = { ...workerKeys, ...jobKeys, ...newKeys };

/** Name of a configuration key. */
export type ConfigName = keyof typeof configKeys;

/** Whether lava has a configuration key of this name. */
export function isConfigName(name: string): name is ConfigName {
  return Object.hasOwn(configKeys, name);
}

/** What a key's value is once resolved. */
export type ConfigValue<N extends ConfigName> = Kind<(typeof configKeys)[N]>;

type Kind<K> = K extends { readonly type: "boolean" }
  ? boolean
  : K extends { readonly type: "integer" }
    ? number
    : K extends { readonly emptyIsNone: true } | { readonly default: null }
      ? string | undefined
      : string;

/**
 * The configuration of a realm as one process sees it: booleans and integers converted, durations and sizes as they
 * were written (`parseDuration` and `parseSize` of core read them; messages show them), none as undefined.
 */
export type RealmConfig = { readonly [N in ConfigName]: ConfigValue<N> };
