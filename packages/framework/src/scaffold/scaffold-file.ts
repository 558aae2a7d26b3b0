/** A file that scaffolding writes. */
export interface ScaffoldFile {
  /** Relative to the new project. */
  readonly path: string;
  readonly content: string;
  readonly executable: boolean;
}
