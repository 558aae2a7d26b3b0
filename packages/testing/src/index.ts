/** Helpers for tests: an endpoint, a realm on it, a project in a folder, a clock; all `await using`. */
export { type EmulatedAws, emulatedAws } from "./aws.ts";
export type { Mail } from "@lava/local-aws";
export { type FakeClock, fakeClock } from "./fake-clock.ts";
export {
  type PluginRealm,
  pluginRealm,
  type PluginRealmOptions,
  type PluginWorkerOptions,
} from "./plugin-realm.ts";
export { type ProjectDir, projectDir, type ProjectFiles } from "./project-dir.ts";
export { type EmulatedRealm, emulatedRealm, type EmulatedRealmOptions } from "./realm.ts";
