import { statSync } from "node:fs";
import { join } from "node:path";
import { type BuildEntry, isIntact } from "./build-state.ts";
import { type FileSource, type Sources, type SpecSource, walkFiles } from "./discover.ts";
import type { Inputs } from "./fingerprints.ts";
import { builderOf } from "./payload/index.ts";
import type { PayloadBuilder } from "./payload/payload-builder.ts";
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
  return { outputs, findings };
}

/** Entries of the last build whose inputs are as they were and whose outputs are intact, by source (FW-228). */
export function freshEntries(
  outputs: readonly Output[],
  entries: readonly BuildEntry[],
  inputs: Inputs,
  dist: string,
): Map<string, BuildEntry> {
  const known = new Map(entries.map((entry) => [entry.source, entry]));
  const fresh = new Map<string, BuildEntry>();
  for (const { source } of outputs) {
    const entry = known.get(source);
    if (entry === undefined) continue;
    const isSame = Object.entries(entry.inputs).every(
      ([input, print]) => inputs.fingerprint(input) === print,
    );
    if (isSame && entry.files.every((file) => isIntact(dist, file))) fresh.set(source, entry);
  }
  return fresh;
}

/** Names, permissions and contents of a folder, as one text. */
export function treeText(root: string, folder: string, inputs: Inputs): string {
  return JSON.stringify(
    walkFiles(root, folder, [], { all: true }).map((path) => [
      path,
      statSync(join(root, folder, path)).mode & 0o777,
      inputs.fingerprint(`${folder}/${path}`),
    ]),
  );
}
