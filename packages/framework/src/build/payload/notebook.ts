import { notebookScript } from "../notebook/notebook-script.ts";
import type { PayloadBuilder } from "./payload-builder.ts";
import { oversize } from "./size-limit.ts";

/** `x.ipynb`: the Python script `x.py`, executable (FW-169..171). */
export const notebook: PayloadBuilder = {
  kind: "notebook",
  suffixes: ["ipynb"],
  isFolder: false,
  outputSuffix: "py",
  build({ folder, name, inputs }) {
    const source = `${folder}/${name}`;
    const { text, findings } = notebookScript(inputs.text(source) ?? "", source);
    const content = Buffer.from(text);
    return {
      files: text === "" ? [] : [{ path: name.replace(/\.ipynb$/, ".py"), content, mode: 0o744 }],
      inputs: [],
      findings: [...findings, ...oversize("exe", content.length, source)],
    };
  },
};
