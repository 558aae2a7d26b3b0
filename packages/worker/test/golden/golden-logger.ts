import type { LogFields, Logger } from "@lava/core";

/** A logger whose lines have level, thread, event type and message, the slot's number aside. */
export function goldenLogger(write: (line: string) => void): Logger {
  const make = (base: LogFields): Logger => {
    const at =
      (level: string): Logger["info"] =>
      (fields, message) => {
        const all: LogFields = { ...base, ...fields };
        const thread = String(all["thread"] ?? "").replace(/\d+/, "NN");
        write(`${level} ${thread} ${String(all["event_type"] ?? "")} ${message}`);
      };
    return {
      ...{ debug: at("DEBUG"), info: at("INFO"), warn: at("WARNING"), error: at("ERROR") },
      child: (fields) => make({ ...base, ...fields }),
    };
  };
  return make({});
}
