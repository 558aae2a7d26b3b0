import type { DataMap } from "@lava/core";
import type { Inputs } from "../fingerprints.ts";
import type { NotebookTemplate } from "../notebook/notebook-template.ts";
import type { BuildRenderer } from "../renderer.ts";
import type { Finding } from "../types.ts";

/** A file that a payload builder makes; its path is relative to the component folder: `x.rsc/a.txt`. */
export interface PayloadFile {
  readonly path: string;
  readonly content: Uint8Array;
  /** Permissions, such as 0o755. */
  readonly mode: number;
}

/** An image that a payload builder made, in the store of the machine's docker engine. */
export interface PayloadImage {
  /** Name without a tag: `<prefix.docker_repo>/x`. */
  readonly repository: string;
  /** `sha256:...`; of an image for several platforms, of its parts together. */
  readonly id: string;
  /** One image for each platform, where there are several. */
  readonly parts?: readonly ImagePart[] | undefined;
}

/** The image for one of several platforms. */
export interface ImagePart {
  /** Such as `linux/arm64`. */
  readonly platform: string;
  /** `sha256:...` */
  readonly id: string;
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
  /** `config/<env>.yaml`. */
  readonly config: DataMap;
  /** Environment of programs that are run. */
  readonly environ: Readonly<Record<string, string | undefined>>;
  /** Absolute folder that keeps what was installed, by content. */
  readonly cache: string;
  /** How notebooks become scripts, where it is not as ever. */
  readonly notebook?: NotebookTemplate | undefined;
  /** Which programs may be run: a check runs none, and a build in memory makes no images. */
  readonly programs: "all" | "installers" | "none";
}

/** What a payload builder makes. */
export interface PayloadOutcome {
  readonly files: readonly PayloadFile[];
  /** Inputs beside the files of the payload itself: included templates, config. */
  readonly inputs: readonly string[];
  readonly findings: readonly Finding[];
  readonly image?: PayloadImage | undefined;
}

/** One kind of payload: which names are of this kind, and how it is built. */
export interface PayloadBuilder {
  readonly kind: string;
  /** Last suffixes of its names. */
  readonly suffixes: readonly string[];
  readonly isFolder: boolean;
  /** Suffix of what is built, where it is another one: `zip`. */
  readonly outputSuffix?: string;
  build(context: PayloadContext): PayloadOutcome | Promise<PayloadOutcome>;
}

/** Name of what is built: `x.pkg` -> `x.zip`; only the last suffix is another one (FW-161). */
export function outputName({ outputSuffix }: PayloadBuilder, name: string): string {
  return outputSuffix === undefined ? name : name.replace(/\.[^.]*$/, `.${outputSuffix}`);
}
