import { defineConnector } from "../connector.ts";
import { sftp } from "../sftp/sftp.ts";

/** `scp`: files of another machine; scp itself speaks SFTP by now, and so does the client (CON-scp-01). */
export const scp = defineConnector({ ...sftp, type: "scp" });
