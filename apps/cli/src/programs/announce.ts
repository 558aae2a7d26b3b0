import { errorText, LavaError } from "@lava/core";

/** Tells whoever started this process that it is ready, then lets go of the channel. Without a parent: nothing. */
export function announceReady(details: Readonly<Record<string, unknown>>): void {
  process.send?.({ ready: details }, () => {
    if (process.connected) process.disconnect();
  });
}

/** Tells why this process cannot start. */
export function announceError(error: unknown): void {
  const told =
    error instanceof LavaError
      ? { code: error.code, message: error.message, hint: error.hint }
      : { code: "CANNOT_START", message: errorText(error) };
  process.send?.({ error: told });
}
