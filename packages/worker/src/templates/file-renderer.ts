import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createRenderer } from "@lava/render";
import type { JobContext, PayloadFile } from "../handler.ts";
import { createFieldRenderer, type TemplateExtras } from "./field-renderer.ts";

/**
 * Renders a payload file as a whole: it may include its neighbours, and what files named .html, .htm or .xml print is
 * escaped (JOB-sqlc-02).
 *
 * @throws {LavaError} TEMPLATE_ERROR
 */
export function renderPayloadFile(
  file: PayloadFile,
  text: string,
  extra: TemplateExtras,
  context: Pick<JobContext, "templateContext">,
): string {
  const folder = dirname(file.path);
  const renderer = createRenderer({
    autoescape: (name) => /\.(?:html|htm|xml)$/i.test(name ?? ""),
    loader: (name) => readNeighbour(folder, name),
  });
  return createFieldRenderer(renderer, context.templateContext).render(text, extra, {
    path: ["payload"],
    file: file.name,
  });
}

function readNeighbour(folder: string, name: string): { source: string; name: string } | undefined {
  // Payload files lie side by side; nothing else of the machine is to be read.
  if (name === "" || name !== basename(name) || name === "..") return undefined;
  try {
    return { source: readFileSync(join(folder, name), "utf8"), name };
  } catch {
    return undefined;
  }
}
