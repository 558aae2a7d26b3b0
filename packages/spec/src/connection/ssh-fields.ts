import * as z from "zod";
import { positive, text } from "../scalars.ts";

/** Fields of ssh, scp, sftp and git (CON-ssh-01). */
export const sshFields = z.strictObject({
  ssh_key: text.describe(
    "Name of the SSM parameter with the private key (no passphrase); never the key itself.",
  ),
  ssh_options: z
    .array(text)
    .optional()
    .describe("Options as in ssh_config(5), such as StrictHostKeyChecking=no."),
  host: text
    .optional()
    .describe("The host, for applications; commands of jobs name it in their arguments."),
  port: positive.optional().describe("Its port, for applications. Default: 22."),
  user: text.optional().describe("User name, for applications."),
  known_hosts: text
    .optional()
    .describe("Lines of a known_hosts file with the host's public key, for applications and jobs."),
});
