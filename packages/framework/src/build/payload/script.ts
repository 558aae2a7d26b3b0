import { statSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../types.ts";
import type { PayloadBuilder } from "./payload-builder.ts";
import { oversize } from "./size-limit.ts";

/** `x.py`, `x.sh`, `x.js`: copied as they are (FW-167). */
export const script: PayloadBuilder = {
  kind: "script",
  suffixes: ["py", "sh", "js", "mjs", "cjs"],
  isFolder: false,
  build({ root, folder, name, inputs }) {
    const source = `${folder}/${name}`;
    const content = inputs.read(source) ?? Buffer.alloc(0);
    const mode = statSync(join(root, source)).mode & 0o777;
    return {
      files: [{ path: name, content, mode }],
      inputs: [],
      findings: [...problems(content, source), ...oversize("exe", content.length, source)],
    };
  },
};

/** What makes a worker answer "Exec format error" (FW-172). */
function problems(content: Buffer, file: string): Finding[] {
  const first = content.subarray(0, 2).toString("latin1");
  const end = content.indexOf(0x0a);
  const findings: Finding[] = [];
  const warn = (code: string, message: string): void => {
    findings.push({ severity: "warning", path: [], code, message, file, line: 1, column: 1 });
  };
  if (first !== "#!")
    warn("no_interpreter", "the first line does not begin with #!; the worker cannot run it");
  else if (end > 0 && content[end - 1] === 0x0d) {
    warn("crlf_lines", "lines end in CR LF; the worker cannot find its interpreter");
  }
  return findings;
}
