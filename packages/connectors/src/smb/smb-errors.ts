import { LavaError } from "@lava/core";
import {
  accessRefused,
  brokenOff,
  fileFault,
  serverUnreachable,
  transferFailed,
} from "../files/file-errors.ts";
import type { SmbRecord } from "./smb-record.ts";

const MISSING = new Set(["OBJECT_NAME_NOT_FOUND", "OBJECT_PATH_NOT_FOUND", "NO_SUCH_FILE"]);

const LOST = new Set([
  ...["CONNECTION_DISCONNECTED", "CONNECTION_RESET", "NETWORK_NAME_DELETED", "IO_TIMEOUT"],
  ...["USER_SESSION_DELETED", "PIPE_BROKEN", "INVALID_NETWORK_RESPONSE", "CONNECTION_ABORTED"],
]);

/** The fault that smbclient told of; undefined when there is none. */
export function smbFault(said: string, path: string, record: SmbRecord): LavaError | undefined {
  const [, status] = /NT_STATUS_([A-Z0-9_]+)/.exec(said) ?? [];
  if (status === undefined || status === "OK") return undefined;
  const target = { conn_id: record.conn_id, host: record.host, port: record.port };
  const text = `[NtStatus STATUS_${status}]`;
  const cause = new Error(said.trim());
  if (/^(?:do_connect: )?Connection to .* failed/m.test(said)) {
    const why = status === "CONNECTION_REFUSED" ? "nobody listens there" : text;
    return serverUnreachable(target, cause, why);
  }
  if (/session setup failed/.test(said)) {
    return accessRefused(record.conn_id, `The server refused the login ${text}`, cause);
  }
  if (/protocol negotiation failed/.test(said)) {
    return serverUnreachable(target, cause, `no SMB 2 or 3 is spoken there ${text}`);
  }
  if (status === "BAD_NETWORK_NAME") {
    return new LavaError("NO_SUCH_FILE", `${path}: There is no such share ${text}`, {
      cause,
      retry: "never",
    });
  }
  if (MISSING.has(status)) return fileFault("NO_SUCH_FILE", path, cause);
  if (status === "FILE_IS_A_DIRECTORY") return fileFault("IS_A_DIRECTORY", path, cause);
  if (status === "OBJECT_NAME_COLLISION") return fileFault("FILE_EXISTS", path, cause);
  if (status === "ACCESS_DENIED" || status === "MEDIA_WRITE_PROTECTED") {
    return fileFault("FILE_ACCESS_DENIED", path, cause);
  }
  return LOST.has(status) ? brokenOff(target, cause) : transferFailed(path, text, cause);
}
