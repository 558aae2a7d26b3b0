import type { Inputs } from "../fingerprints.ts";
import type { BuildRenderer } from "../renderer.ts";
import type { Finding } from "../types.ts";

/** A file that a payload builder makes; its path is relative to the component folder: `x.rsc/a.txt`. */
export interface PayloadFile {
  readonly path: string;
  readonly content: Uint8Array;
  /** Permissions, such as 0o755. */
  readonly mode: number;
}

/** What a payload builder is given. */
export interface PayloadContext {
  /** Absolute folder of the project. */
  readonly root: string;
  /** `lava-payloads` or `misc`. */
  readonly folder: string;
  /** Name in that folder: `x.pkg`. */
  readonly name: string;
  readonly inputs: Inputs;
  readonly renderer: BuildRenderer;
}

/** What a payload builder makes. */
export interface PayloadOutcome {
  readonly files: readonly PayloadFile[];
  /** Inputs beside the files of the payload itself: included templates, config. */
  readonly inputs: readonly string[];
  readonly findings: readonly Finding[];
}

/** One kind of payload: which names are of this kind, and how it is built. */
export interface PayloadBuilder {
  readonly kind: string;
  /** Last suffixes of its names. */
  readonly suffixes: readonly string[];
  readonly isFolder: boolean;
  build(context: PayloadContext): PayloadOutcome | Promise<PayloadOutcome>;
}
