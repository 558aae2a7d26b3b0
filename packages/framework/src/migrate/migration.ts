/** Something of a project made by the original that is different here. */
export interface MigrationItem {
  /** `fixed` and `fixable` are what `write` does or would do; `attention` is for people; `note` only explains. */
  readonly state: "fixed" | "fixable" | "attention" | "note";
  readonly code: string;
  /** Project-relative. */
  readonly file: string;
  readonly line?: number | undefined;
  readonly message: string;
}

/** A step of a migration: what was found, and how it is put right. */
export interface MigrationStep {
  readonly code: string;
  readonly file: string;
  readonly line?: number | undefined;
  readonly message: string;
  /** New content of the file, null when it goes; absent when only people can decide. */
  readonly content?: string | null;
  readonly kind?: "note";
}
