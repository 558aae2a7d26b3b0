/** One step of a build that renders files (FW-053..098). */
export interface BuildTemplates {
  /** Which files of a project. */
  readonly files: string;
  /** Where `include`, `import` and `extends` look first; then in the project. */
  readonly folder: string;
  /** How a list or map prints that stands in a value mark: as JSON, or in Python's notation. */
  readonly structures: "json" | "python";
  readonly note?: string;
}

const spec = (folder: string): BuildTemplates => ({
  files: `${folder}/**.yaml, .json`,
  folder,
  structures: "json",
  note: "rendered, then read as YAML or JSON",
});

/** What a build renders; every template sees the same names. */
export const buildTemplates: readonly BuildTemplates[] = [
  spec("lava-connections"),
  spec("lava-jobs"),
  spec("lava-rules"),
  spec("lava-triggers"),
  { files: "lava-payloads/*.sql", folder: "lava-payloads", structures: "python" },
  {
    files: "lava-payloads/*.rsc/**",
    folder: "lava-payloads",
    structures: "python",
    note: "files that are no text are copied",
  },
  { files: "lava-payloads/*.pkg/env/**", folder: "lava-payloads", structures: "python" },
  { files: "misc/*.sql", folder: "misc", structures: "python" },
];
