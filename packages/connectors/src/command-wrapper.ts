import { quoteShellWord } from "@lava/core";
import type { Wrapper, WrapperContext } from "./connector.ts";

/**
 * The wrapper of a type whose work is done by a command of lava's own: it names the connection and passes its
 * arguments on; no secret is in it (CON-all-11).
 */
export function commandWrapper(
  command: string,
  conn_id: string,
  { realm }: WrapperContext,
  options: readonly string[] = [],
): Wrapper {
  const { profile } = realm.clients.settings;
  const words = [
    command,
    ...(profile === undefined ? [] : [`--profile ${quoteShellWord(profile)}`]),
    `--conn-id ${quoteShellWord(conn_id)}`,
    '--realm "$LAVA_REALM"',
    ...options,
    '"$@"',
  ];
  const content = `#!/bin/bash\nexec ${words.join(" ")}\n`;
  return { command, files: [{ name: command, content, mode: 0o700 }] };
}
