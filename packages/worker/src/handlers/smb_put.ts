import { defineHandler } from "../handler.ts";
import { smbNames, withShare } from "../smb-transfer.ts";
import { openTransferFile } from "../transfer-file.ts";

/** `smb_put`: stores a file in a share (JOB-smb_put-01, 02). */
export const smb_put = defineHandler({
  type: "smb_put",
  async run(job, context) {
    const { file, full, remote } = smbNames(job, context);
    const { basedir, create_dirs } = job.parameters;
    await withShare(job, context, async (client, signal) => {
      const source = await openTransferFile(file, basedir, context);
      await client.put(full, source, { createDirs: create_dirs, signal });
    });
    return { exit_status: 0, source: file, destination: remote };
  },
});
