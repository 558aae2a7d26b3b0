import { defineConnector } from "../connector.ts";
import type { FileTransfer } from "../files/file-transfer.ts";
import { openSsh } from "../ssh/open-ssh.ts";
import { readSshRecord } from "../ssh/ssh-record.ts";
import { sshWrapper } from "../ssh/ssh-wrapper.ts";
import { checkSsh } from "../ssh/ssh.ts";
import { openSftp } from "./sftp-client.ts";

/** `sftp`: files of another machine (CON-sftp-01). */
export const sftp = defineConnector({
  type: "sftp",
  family: "files",
  async open(connection, context): Promise<FileTransfer> {
    return openSftp(await openSsh(await readSshRecord(connection, context.realm), context));
  },
  async cli(connection, { realm, dir }) {
    return sshWrapper(await readSshRecord(connection, realm), connection.type, dir);
  },
  check: checkSsh,
});
