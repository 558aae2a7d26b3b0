import { commandWrapper } from "../command-wrapper.ts";
import { defineConnector } from "../connector.ts";
import type { FileTransfer } from "../files/file-transfer.ts";
import { createSmbClient } from "./smb-client.ts";
import { readSmbRecord } from "./smb-record.ts";
import { openSmbProgram } from "./smbclient.ts";

/** `smb`: an SMB file server, by Samba's smbclient (CON-smb-01 to 03, docs/adr/0008). */
export const smb = defineConnector({
  type: "smb",
  family: "files",
  async open(connection, context): Promise<FileTransfer> {
    const record = await readSmbRecord(connection, context.realm);
    return createSmbClient(await openSmbProgram(record, context), record);
  },
  async cli(connection, context) {
    await readSmbRecord(connection, context.realm);
    return commandWrapper("lava-smb", connection.conn_id, context);
  },
  async check(connection, context) {
    const record = await readSmbRecord(connection, context.realm);
    await using client = createSmbClient(await openSmbProgram(record, context), record);
    const shares = await client.list("/");
    return {
      server: `SMB ${record.host}:${record.port}`,
      details: { shares: shares.map(({ name }) => name), encrypted: record.encrypt },
    };
  },
});
