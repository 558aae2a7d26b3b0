import { type Data, type DataMap, errorText, isMap, type Issue } from "@lava/core";
import { createRenderer, findUndefinedNames, toData } from "@lava/render";
import type { TemplateNames } from "@lava/spec";
import type { Job } from "../handler.ts";
import { splitStatements } from "../sql/split-statements.ts";
import { cutPieces } from "./cut-pieces.ts";
import { createFieldRenderer, movedIssue, type TemplatePlace } from "./field-renderer.ts";
import { jobFields } from "./job-fields.ts";
import { issuesOf, type RenderedField, uniqueIssues } from "./render-field.ts";

/** One file of a payload. */
export interface PayloadText {
  /** Its name, without folder. */
  readonly name: string;
  readonly text: string;
}

/** Renders the payload files of a job whose type does that (sql, sqlc, sqlv), one result for each file. */
export async function renderFiles(
  job: Job,
  parameters: DataMap,
  names: TemplateNames,
  read: ((payload: Data) => Promise<readonly PayloadText[]>) | undefined,
  faults: Issue[],
): Promise<RenderedField[]> {
  const found = jobFields(job.type, job.payload, parameters).find(({ field }) =>
    /^(?:files|file-statements)$/.test(field.method),
  );
  if (found === undefined || read === undefined) return [];
  let files: readonly PayloadText[];
  try {
    files = await read(job.payload);
  } catch (error) {
    faults.push({ path: ["payload"], code: "no_payload", message: errorText(error) });
    return [];
  }
  const { method } = found.field;
  const vars = toData(isMap(parameters["vars"]) ? parameters["vars"] : {});
  const loader = (name: string): { source: string; name: string } | undefined => {
    const file = files.find((other) => other.name === name);
    return file === undefined ? undefined : { source: file.text, name };
  };
  return files.map((file) => {
    const issues: Issue[] = [];
    const renderer = createFieldRenderer(
      createRenderer(method === "files" ? { loader } : {}),
      names,
      (issue) => void issues.push(issue),
    );
    const isWhole = method === "files" || parameters["raw"] === true;
    const parts = isWhole ? [file.text] : splitStatements(file.text);
    const results: string[] = [];
    try {
      for (const piece of cutPieces(file.text, parts, found.path)) {
        const place: TemplatePlace = { ...piece.place, file: file.name };
        const extra = { vars: toMap(vars) };
        const read = findUndefinedNames(piece.text, { ...names, ...extra });
        issues.push(...read.map((issue) => ({ ...movedIssue(issue, place), file: file.name })));
        results.push(renderer.render(piece.text, extra, place));
      }
    } catch (error) {
      issues.push(...issuesOf(error, found.path));
    }
    return {
      path: [...found.path, file.name],
      method,
      template: file.text,
      names: found.field.names ?? [],
      ...(issues.some(({ code }) => code !== "undefined_name")
        ? {}
        : { result: isWhole ? (results[0] ?? "") : results }),
      issues: uniqueIssues(issues),
    };
  });
}

function toMap(value: Data): DataMap {
  return isDataMap(value) ? value : {};
}

function isDataMap(value: Data): value is DataMap {
  return isMap(value);
}
