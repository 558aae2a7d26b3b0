import { text } from "../scalars.ts";

/** The connection. */
export const sharepointConn = text.describe("Id of the sharepoint connection.");

/** The document library. */
export const sharepointLibrary = text.describe("Name of the document library; rendered.");

/** A path in the library. */
export const sharepointPath = text.describe("Path in the library, beginning with /; rendered.");

/** The list. */
export const sharepointList = text.describe("Name of the list, which must exist; rendered.");

/** Columns of a list. */
export const dataColumns = text
  .optional()
  .describe("Comma separated names of the columns to use. Default: all that can be written.");
