import { fromHost } from "./host.ts";
import { PyModule } from "./method.ts";

/**
 * An object of a template's context whose members may be made when they are first used: a `lazy` member is a
 * function that gives the value, a plain one data or a function for templates to call.
 */
export function templateNamespace(
  name: string,
  members: Readonly<Record<string, unknown>>,
  lazy: Readonly<Record<string, () => unknown>> = {},
): PyModule {
  const plain = Object.entries(members).map(([key, value]) => [key, fromHost(value)] as const);
  const late = Object.entries(lazy).map(([key, value]) => [key, () => fromHost(value())] as const);
  return new PyModule(name, Object.fromEntries([...plain, ...late]));
}
