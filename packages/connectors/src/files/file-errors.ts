import { errorText, LavaError } from "@lava/core";
import { networkReason } from "../network-fault.ts";

/** Where a connection goes; nothing of it is secret. */
export interface FileTarget {
  readonly conn_id: string;
  readonly host: string;
  readonly port: number;
}

/** A server that cannot be reached. */
export function serverUnreachable(
  { conn_id, host, port }: FileTarget,
  cause: unknown,
  why = networkReason(cause),
): LavaError {
  return new LavaError(
    "CONNECTION_FAILED",
    `Connection ${conn_id}: Cannot connect to ${host}:${port}: ${why}`,
    {
      cause,
      hint: "Check host and port of the record, and whether the server runs.",
    },
  );
}

/** A login that the server refused. */
export function accessRefused(conn_id: string, text: string, cause?: unknown): LavaError {
  return new LavaError("LOGIN_FAILED", `Connection ${conn_id}: ${text}`, {
    cause,
    hint: "Check the user, and the parameter or secret that holds the key or the password.",
  });
}

/** A connection that broke while it was in use. */
export function brokenOff({ conn_id, host, port }: FileTarget, cause: unknown): LavaError {
  return new LavaError(
    "CONNECTION_LOST",
    `Connection ${conn_id}: The connection to ${host}:${port} broke off: ${errorText(cause)}`,
    { cause, hint: "A file that was on its way is not whole." },
  );
}

/** A kind of fault that every family member tells apart. */
export type FileFault = "NO_SUCH_FILE" | "IS_A_DIRECTORY" | "FILE_EXISTS" | "FILE_ACCESS_DENIED";

/** A path that the other side has not, or does not let this user at. */
export function fileFault(fault: FileFault, path: string, cause?: unknown): LavaError {
  const options = { cause, retry: "never" } as const;
  switch (fault) {
    case "NO_SUCH_FILE":
      return new LavaError("NO_SUCH_FILE", `${path}: No such file or directory`, options);
    case "IS_A_DIRECTORY":
      return new LavaError("IS_A_DIRECTORY", `${path}: is a directory`, options);
    case "FILE_EXISTS":
      return new LavaError(
        "FILE_EXISTS",
        `${path}: There is something of that name already`,
        options,
      );
    case "FILE_ACCESS_DENIED":
      return new LavaError("FILE_ACCESS_DENIED", `${path}: Permission denied`, {
        ...options,
        hint: "The connection's user has no right to it.",
      });
  }
}

/** A transfer that failed for another reason. */
export function transferFailed(path: string, text: string, cause?: unknown): LavaError {
  return new LavaError("TRANSFER_FAILED", `${path}: ${text}`, { cause });
}
