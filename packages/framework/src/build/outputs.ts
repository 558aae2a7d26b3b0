import { statSync } from "node:fs";
import { join } from "node:path";
import { type BuildEntry, isIntact } from "./build-state.ts";
import { type FileSource, type Sources, type SpecSource, walkFiles } from "./discover.ts";
import type { Inputs } from "./fingerprints.ts";
import { builderOf } from "./payload/index.ts";
import { outputName, type PayloadBuilder } from "./payload/payload-builder.ts";
import type { Finding } from "./types.ts";

/** Something to be built: a spec, or a file or folder with the builder of its kind. */
export type Output =
  | { readonly source: string; readonly spec: SpecSource }
  | {
      readonly source: string;
      readonly spec?: undefined;
      readonly file: FileSource;
      readonly builder: PayloadBuilder;
    };

/** All that is to be built, sorted by kind and name, and files that nothing builds. */
export function listOutputs(sources: Sources): { outputs: Output[]; findings: Finding[] } {
  const outputs: Output[] = sources.specs.map((spec) => ({ source: spec.source, spec }));
  const findings: Finding[] = [];
  for (const file of sources.files) {
    const builder = builderOf(file);
    if (builder === undefined) continue;
    if ("build" in builder) outputs.push({ source: file.source, file, builder });
    else findings.push(builder);
  }
  findings.push(...sameOutputs(outputs));
  return { outputs, findings };
}

/** Two payloads with one output are a mistake (FW-164, FW-165). */
function sameOutputs(outputs: readonly Output[]): Finding[] {
  const first = new Map<string, string>();
  return outputs.flatMap((output): Finding[] => {
    if (output.spec !== undefined) return [];
    const { source, file, builder } = output;
    const name = `${file.folder}/${outputName(builder, file.name)}`;
    const other = first.get(name);
    first.set(name, other ?? source);
    if (other === undefined) return [];
    const message = `${other} and ${source} would both be built as ${name}`;
    return [{ severity: "error", path: [], code: "same_output", message, file: source }];
  });
}

/** Entries of the last build whose inputs are as they were and whose outputs are intact, by source (FW-228). */
export function freshEntries(
  outputs: readonly Output[],
  entries: readonly BuildEntry[],
  inputs: Inputs,
  dist: string,
): Map<string, readonly BuildEntry[]> {
  const known = Map.groupBy(entries, ({ source }) => source);
  const fresh = new Map<string, readonly BuildEntry[]>();
  for (const { source } of outputs) {
    const own = known.get(source);
    const isFresh = own?.every(
      (entry) =>
        Object.entries(entry.inputs).every(
          ([input, print]) => inputs.fingerprint(input) === print,
        ) && entry.files.every((file) => isIntact(dist, file)),
    );
    if (own !== undefined && isFresh === true) fresh.set(source, own);
  }
  return fresh;
}

/** Names, permissions and contents of a folder, and the links in it that are refused, as one text. */
export function treeText(root: string, folder: string, inputs: Inputs): string {
  const refused: Finding[] = [];
  const files = walkFiles(root, folder, refused, { all: true }).map((path) => [
    path,
    statSync(join(root, folder, path)).mode & 0o777,
    inputs.fingerprint(`${folder}/${path}`),
  ]);
  return JSON.stringify([...files, ...refused.map(({ file, message }) => [file, message])]);
}
