import { text, textOrList } from "./scalars.ts";

/**
 * Fields `x-lava-*` that every kind of spec may have. Those that the framework writes into what it builds
 * (FW-111..120) are here so that built items pass too.
 */
export const trackingFields = {
  "x-lava-built": text.optional().describe("When it was built. Written by the framework."),
  "x-lava-builder": text.optional().describe("What built it. Written by the framework."),
  "x-lava-chk": text.optional().describe("Checksum of its content. Written by the framework."),
  "x-lava-git-branch": text.optional().describe("Branch. Written by the framework."),
  "x-lava-git-repo": text.optional().describe("Repository. Written by the framework."),
  "x-lava-git-status": text.optional().describe("Commit and changes. Written by the framework."),
  "x-lava-host": text.optional().describe("Host it was built on. Written by the framework."),
  "x-lava-os": text.optional().describe("System it was built on. Written by the framework."),
  "x-lava-user": text.optional().describe("Who built it. Written by the framework."),
  "x-lava-project": text
    .optional()
    .describe("The project that it belongs to. Written by the framework."),
  "x-lava-nocheck": textOrList
    .optional()
    .describe("Name, or list of names, of the checks of lava-check to leave out (CLI-048)."),
};

/** Whether lava leaves a field to others: `x-...` or `X-...`. */
export function isForeignField(name: string): boolean {
  return /^[xX]-/.test(name);
}
