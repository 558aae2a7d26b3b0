import { isUtf8 } from "node:buffer";
import { statSync } from "node:fs";
import { join } from "node:path";
import { walkFiles } from "../discover.ts";
import { templateFindings } from "../template-findings.ts";
import type { Finding } from "../types.ts";
import type { PayloadContext, PayloadFile } from "./payload-builder.ts";

/** Files of a folder payload as they come out of it. */
export interface FolderFiles {
  readonly files: PayloadFile[];
  readonly inputs: readonly string[];
  readonly findings: readonly Finding[];
}

/** Reads a folder, symlinks followed unless `links` is false; `isRendered` says which files are templates. Paths are relative to it. */
export function folderFiles(
  { root, folder, name, inputs, renderer }: PayloadContext,
  isRendered: (path: string) => boolean,
  links = true,
): FolderFiles {
  const findings: Finding[] = [];
  const used: string[] = [];
  const files: PayloadFile[] = [];
  for (const path of walkFiles(root, `${folder}/${name}`, findings, { all: true, links })) {
    const source = `${folder}/${name}/${path}`;
    const content = inputs.read(source) ?? Buffer.alloc(0);
    const mode = statSync(join(root, source)).mode & 0o777;
    if (!isRendered(path)) {
      files.push({ path, content, mode });
      continue;
    }
    if (!isUtf8(content) || content.includes(0)) {
      findings.push({
        severity: "warning",
        path: [],
        code: "not_text",
        message: "the file is no text: copied as it is, not rendered",
        file: source,
      });
      files.push({ path, content, mode });
      continue;
    }
    try {
      const rendered = renderer.render(content.toString("utf8"), {
        source,
        template: `${name}/${path}`,
        folder,
        isSpec: false,
      });
      used.push(...rendered.inputs);
      findings.push(...rendered.warnings);
      files.push({ path, content: Buffer.from(`${rendered.text}\n`), mode });
    } catch (error) {
      findings.push(...templateFindings(error, source));
    }
  }
  return { files, inputs: [...new Set(used)], findings };
}
