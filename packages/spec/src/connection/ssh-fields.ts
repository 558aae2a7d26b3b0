import * as z from "zod";
import { text } from "../scalars.ts";

/** Fields of ssh, scp, sftp and git (CON-ssh-01). */
export const sshFields = z.strictObject({
  ssh_key: text.describe(
    "Name of the SSM parameter with the private key (no passphrase); never the key itself.",
  ),
  ssh_options: z
    .array(text)
    .optional()
    .describe("Options as in ssh_config(5), such as StrictHostKeyChecking=no."),
});
