import type { SpecExtensions } from "@lava/spec";
import type { AwsAccess } from "../helpers/aws-access.ts";
import type { SqlAccess } from "../helpers/sql-access.ts";
import { buildModule } from "./build-module.ts";
import { buildSpec, type Locate, type OnRendered, type SpecOutcome } from "./build-spec.ts";
import type { BuildEntry } from "./build-state.ts";
import type { FileSource, SpecSource } from "./discover.ts";
import type { Inputs } from "./fingerprints.ts";
import { ID_FIELD } from "./id-field.ts";
import { NEVER } from "./never.ts";
import {
  outputName,
  type PayloadBuilder,
  type PayloadContext,
  type PayloadFile,
} from "./payload/payload-builder.ts";
import { createBuildRenderer, type BuildRenderer } from "./renderer.ts";
import type { TemplateContext } from "./template-context.ts";
import { inputsOfText } from "./template-inputs.ts";
import type { LoadedModule } from "./typed/load-modules.ts";
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
  /** The specs of a file in TypeScript, which may be several. */
  module(source: SpecSource, loaded: LoadedModule): Prepared[];
  file(source: FileSource, builder: PayloadBuilder): Promise<Prepared>;
}

/** A preparer of outputs for one environment. */
export function createPreparer(options: {
  readonly root: string;
  readonly inputs: Inputs;
  readonly context: TemplateContext;
  readonly aws: AwsAccess;
  readonly sql: SqlAccess;
  readonly validation: "error" | "warn" | "off";
  readonly payloads: Pick<PayloadContext, "config" | "environ" | "cache" | "programs">;
  /** Schemas of plug-ins. */
  readonly extensions?: SpecExtensions | undefined;
  readonly onRendered?: OnRendered;
}): Preparer {
  const { root, inputs, context, aws, sql, validation, payloads, extensions, onRendered } = options;
  const renderer: BuildRenderer = createBuildRenderer(inputs, context, root, sql);
  const fingerprints = (names: Iterable<string>): Record<string, string> =>
    Object.fromEntries(
      [...new Set(names)].map((name) => [
        name,
        // No fingerprint is like this one.
        name === NEVER ? "" : inputs.fingerprint(name),
      ]),
    );
  const toItem = (
    { kind, source }: SpecSource,
    output: string,
    outcome: SpecOutcome,
    names: readonly string[],
  ): Prepared => {
    const id = outcome.data?.[ID_FIELD[kind]];
    return {
      entry: {
        source,
        group: "item",
        kind,
        item: kind,
        id: typeof id === "string" ? id : undefined,
        output,
        isNull: outcome.data === null,
        inputs: fingerprints([source, ...names, ...outcome.inputs]),
      },
      findings: outcome.findings,
      data: outcome.data,
      files: [],
      locate: outcome.locate,
    };
  };
  return {
    async spec(spec) {
      const text = inputs.text(spec.source) ?? "";
      const outcome = await aws.run(() =>
        buildSpec(spec, text, renderer, validation, extensions, onRendered),
      );
      return toItem(spec, spec.output, outcome, inputsOfText(text));
    },
    module(spec, loaded) {
      const text = inputs.text(spec.source) ?? "";
      return buildModule(spec, text, loaded, validation, extensions).map((outcome) =>
        toItem(spec, outcome.output, outcome, ["@config", "@realm"]),
      );
    },
    async file(file, builder) {
      const { folder, name, source, isFolder } = file;
      const outcome = await aws.run(() =>
        builder.build({ ...payloads, root, folder, name, inputs, renderer }),
      );
      const own = isFolder ? [`@tree:${source}`] : [source];
      const texts = isFolder
        ? []
        : inputsOfText(builder.suffixes.includes("sql") ? (inputs.text(source) ?? "") : "");
      return {
        entry: {
          source,
          group: folder === "misc" ? "misc" : "payload",
          kind: builder.kind,
          output: `${folder}/${outputName(builder, name)}`,
          image: outcome.image,
          inputs: fingerprints([...own, ...texts, ...outcome.inputs]),
        },
        findings: outcome.findings,
        files: outcome.files.map((output) => ({ ...output, path: `${folder}/${output.path}` })),
      };
    },
  };
}
