import type { StoredConnection } from "@lava/spec";
import { type ConnectionCheck, type ConnectorContext, defineConnector } from "../connector.ts";
import { keyType, openSsh } from "./open-ssh.ts";
import { createRemoteShell, type RemoteShell } from "./remote-shell.ts";
import { readSshRecord } from "./ssh-record.ts";
import { sshWrapper } from "./ssh-wrapper.ts";

/** `ssh`: commands of another machine (CON-ssh-01 to 03). */
export const ssh = defineConnector({
  type: "ssh",
  family: "shell",
  async open(connection, context): Promise<RemoteShell> {
    return createRemoteShell(
      await openSsh(await readSshRecord(connection, context.realm), context),
    );
  },
  async cli(connection, { realm, dir }) {
    return sshWrapper(await readSshRecord(connection, realm), connection.type, dir);
  },
  check: checkSsh,
});

/**
 * Logs in and tells what was agreed on. A record without a host, which commands of jobs name in their arguments, is
 * checked as far as it goes: its key.
 */
export async function checkSsh(
  connection: StoredConnection,
  context: ConnectorContext,
): Promise<ConnectionCheck> {
  const record = await readSshRecord(connection, context.realm);
  if (record.host === undefined && !record.options.some((each) => /^hostname\b/i.test(each))) {
    return { server: `an ${await keyType(record)} key for hosts that commands name` };
  }
  await using link = await openSsh(record, context);
  const { agreed, program, settings } = link;
  return {
    server: `SSH ${program ?? ""} ${settings.host}:${settings.port}`.replace("  ", " "),
    details: {
      user: settings.user,
      ...(agreed === undefined
        ? {}
        : { kex: agreed.kex, host_key: agreed.serverHostKey, cipher: agreed.cs.cipher }),
    },
  };
}
