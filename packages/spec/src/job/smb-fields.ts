import { text } from "../scalars.ts";

/** The connection. */
export const smbConn = text.describe("Id of the smb connection.");

/** The share. */
export const shareName = text.describe("Name of the file share.");

/** A path in the share. */
export const sharePath = text.describe("Path in the share; rendered.");
