import * as z from "zod";
import { flag, positive, text } from "../scalars.ts";
import { defineConnectionType } from "./connection-type.ts";
import { fieldsOrSecret } from "./secret-fields.ts";

/** `smb`: an SMB file server. */
export const smb = defineConnectionType({
  type: "smb",
  summary: "An SMB file server.",
  fields: fieldsOrSecret(
    {
      host: text.optional().describe("Host name or address of the server."),
      remote_name: text.describe("NetBIOS name of the server."),
      user: text.optional().describe("User name."),
      password: text
        .optional()
        .describe("Name of the SSM parameter with the password; never the password itself."),
      domain: text.optional().describe("Network domain."),
      my_name: text.optional().describe("NetBIOS name of this side. Default: lava-<realm>."),
      port: positive.optional().describe("Port. Default: 139, with is_direct_tcp 445."),
      is_direct_tcp: flag
        .optional()
        .describe("Whether SMB runs directly over TCP, not over NetBIOS. Default: false."),
      use_ntlm_v2: flag.optional().describe("Whether NTLMv2 is used. Default: true."),
      encrypt: flag.optional().describe("Whether traffic is encrypted (smbprotocol only)."),
      secret_id: text
        .optional()
        .describe("Secret of AWS Secrets Manager (JSON) that supplies the fields left out here."),
      subtype: z
        .enum(["pysmb", "smbprotocol"])
        .optional()
        .describe("Library of the Python worker. Default: pysmb."),
    },
    ["host", "user", "password"],
  ),
});
