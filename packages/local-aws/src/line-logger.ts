import type { Writable } from "node:stream";
import type { Clock, Logger } from "@lava/core";

type Fields = Parameters<Logger["info"]>[0];

/** Plain lines for the log of the endpoint's process: what was lost, and what functions print. Debug is left out. */
export function createLineLogger(stream: Writable, clock: Clock, common: Fields = {}): Logger {
  const at = (level: string) => (fields: Fields, message: string) => {
    const known = Object.entries({ ...common, ...fields })
      .filter(([, value]) => value !== undefined)
      .map(
        ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
      );
    const head = [new Date(clock.now()).toISOString(), level, ...known].join(" ");
    for (const line of message.trimEnd().split("\n")) stream.write(`${head}: ${line}\n`);
  };
  return {
    debug: () => undefined,
    info: at("info"),
    warn: at("warning"),
    error: at("error"),
    child: (fields) => createLineLogger(stream, clock, { ...common, ...fields }),
  };
}
