import { templateFindings } from "../template-findings.ts";
import type { PayloadBuilder } from "./payload-builder.ts";
import { oversize } from "./size-limit.ts";

/** `x.sql`: rendered (FW-168), in payloads and in misc (FW-218). */
export const sql: PayloadBuilder = {
  kind: "sql",
  suffixes: ["sql"],
  isFolder: false,
  build({ folder, name, inputs, renderer }) {
    const source = `${folder}/${name}`;
    try {
      const rendered = renderer.render(inputs.text(source) ?? "", {
        source,
        template: name,
        folder,
        isSpec: false,
      });
      const content = Buffer.from(`${rendered.text}\n`);
      return {
        files: [{ path: name, content, mode: 0o644 }],
        inputs: rendered.inputs,
        findings: [...rendered.warnings, ...oversize("sql", content.length, source)],
      };
    } catch (error) {
      return { files: [], inputs: [], findings: templateFindings(error, source) };
    }
  },
};
