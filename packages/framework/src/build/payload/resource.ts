import { folderFiles } from "./folder-files.ts";
import type { PayloadBuilder } from "./payload-builder.ts";

/** `x.rsc/`: every file rendered, `*.swp` left out (FW-205, FW-208). */
export const resource: PayloadBuilder = {
  kind: "resource",
  suffixes: ["rsc"],
  isFolder: true,
  build(context) {
    const { files, inputs, findings } = folderFiles(context, (path) => !path.endsWith(".swp"));
    const kept = files.filter(({ path }) => !path.endsWith(".swp"));
    return {
      // Modes are not kept (FW-205).
      files: kept.map((file) => ({ ...file, path: `${context.name}/${file.path}`, mode: 0o644 })),
      inputs,
      findings,
    };
  },
};
