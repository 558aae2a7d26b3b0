import { folderFiles } from "./folder-files.ts";
import type { PayloadBuilder } from "./payload-builder.ts";

/** `x.raw/`: copied as it is, hidden files too (FW-206). */
export const raw: PayloadBuilder = {
  kind: "raw",
  suffixes: ["raw"],
  isFolder: true,
  build(context) {
    const { files, inputs, findings } = folderFiles(context, () => false);
    return {
      files: files.map((file) => ({ ...file, path: `${context.name}/${file.path}` })),
      inputs,
      findings,
    };
  },
};
