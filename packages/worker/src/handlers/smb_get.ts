import { defineHandler } from "../handler.ts";
import { smbNames, withShare } from "../smb-transfer.ts";
import { storeTransferFile } from "../transfer-file.ts";

/** `smb_get`: fetches a file of a share (JOB-smb_get-01 to 03). */
export const smb_get = defineHandler({
  type: "smb_get",
  async run(job, context) {
    const { file, full, remote } = smbNames(job, context);
    const { basedir, kms_key_id } = job.parameters;
    await withShare(job, context, async (client, signal) => {
      const source = await client.get(full, { signal });
      await storeTransferFile(source, { file, basedir, kms_key_id }, context, signal);
    });
    return { exit_status: 0, source: remote, destination: file };
  },
});
