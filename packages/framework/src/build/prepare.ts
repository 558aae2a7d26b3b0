import type { SpecExtensions } from "@lava/spec";
import type { AwsAccess } from "../helpers/aws-access.ts";
import { buildSpec, type Locate, type OnRendered } from "./build-spec.ts";
import type { BuildEntry } from "./build-state.ts";
import type { FileSource, SpecSource } from "./discover.ts";
import type { Inputs } from "./fingerprints.ts";
import { ID_FIELD } from "./id-field.ts";
import type { PayloadBuilder, PayloadFile } from "./payload/payload-builder.ts";
import { createBuildRenderer, type BuildRenderer } from "./renderer.ts";
import type { TemplateContext } from "./template-context.ts";
import { inputsOfText } from "./template-inputs.ts";
import type { Finding, SpecData } from "./types.ts";

/** An output in the making. */
export interface Prepared {
  readonly entry: Omit<BuildEntry, "files" | "warnings">;
  readonly findings: readonly Finding[];
  /** Of an item; files follow when its tracking fields are known. */
  readonly data?: SpecData | undefined;
  readonly files: readonly PayloadFile[];
  readonly locate?: Locate | undefined;
}

/** Builds outputs of one environment in memory. */
export interface Preparer {
  spec(source: SpecSource): Promise<Prepared>;
  file(source: FileSource, builder: PayloadBuilder): Promise<Prepared>;
}

/** A preparer of outputs for one environment. */
export function createPreparer(options: {
  readonly root: string;
  readonly inputs: Inputs;
  readonly context: TemplateContext;
  readonly aws: AwsAccess;
  readonly validation: "error" | "warn" | "off";
  /** Schemas of plug-ins. */
  readonly extensions?: SpecExtensions | undefined;
  readonly onRendered?: OnRendered;
}): Preparer {
  const { root, inputs, context, aws, validation, extensions, onRendered } = options;
  const renderer: BuildRenderer = createBuildRenderer(inputs, context, root);
  const fingerprints = (names: Iterable<string>): Record<string, string> =>
    Object.fromEntries([...new Set(names)].map((name) => [name, inputs.fingerprint(name)]));
  return {
    async spec(spec) {
      const text = inputs.text(spec.source) ?? "";
      const outcome = await aws.run(() =>
        buildSpec(spec, text, renderer, validation, extensions, onRendered),
      );
      const id = outcome.data?.[ID_FIELD[spec.kind]];
      return {
        entry: {
          source: spec.source,
          group: "item",
          kind: spec.kind,
          item: spec.kind,
          id: typeof id === "string" ? id : undefined,
          output: spec.output,
          isNull: outcome.data === null,
          inputs: fingerprints([spec.source, ...inputsOfText(text), ...outcome.inputs]),
        },
        findings: outcome.findings,
        data: outcome.data,
        files: [],
        locate: outcome.locate,
      };
    },
    async file(file, builder) {
      const { folder, name, source, isFolder } = file;
      const outcome = await aws.run(() => builder.build({ root, folder, name, inputs, renderer }));
      const own = isFolder ? [`@tree:${source}`] : [source];
      const texts = isFolder
        ? []
        : inputsOfText(builder.suffixes.includes("sql") ? (inputs.text(source) ?? "") : "");
      return {
        entry: {
          source,
          group: folder === "misc" ? "misc" : "payload",
          kind: builder.kind,
          output: `${folder}/${isFolder && outcome.files.length === 1 ? (outcome.files[0]?.path ?? name) : name}`,
          inputs: fingerprints([...own, ...texts, ...outcome.inputs]),
        },
        findings: outcome.findings,
        files: outcome.files.map((output) => ({ ...output, path: `${folder}/${output.path}` })),
      };
    },
  };
}
