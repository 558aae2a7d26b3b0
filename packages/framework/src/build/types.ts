import type { Data, DataMap, Issue } from "@lava/core";
import type { Environment } from "../environment.ts";
import type { AwsLookup } from "../helpers/aws-access.ts";
import type { SqlLookup } from "../helpers/sql-access.ts";
import type { Project } from "../project.ts";
import type { ImagePart } from "./payload/payload-builder.ts";

/** A finding and how much it matters; `strict` turns warnings into errors. */
export interface Finding extends Issue {
  readonly severity: "error" | "warning";
}

/** What is known of the realm of an environment, when it could be reached. */
export interface RealmInfo {
  /** The entry of `lava.realms`: `lava.realm` in templates (FW-075). */
  readonly record: DataMap;
  /** Where it was read, if that is not AWS itself: the endpoint of `lava dev`, say. */
  readonly endpoint?: string | undefined;
  /** Workers that have a queue; undefined when that is not known. */
  readonly workers?: readonly string[] | undefined;
  /** Where `lava.aws` looks; where the environment says when absent. */
  readonly aws?: AwsLookup | undefined;
  /** Where `lava.dag` finds database connections; where the host of the project says when absent. */
  readonly sql?: SqlLookup | undefined;
}

/** The kinds of item that go to a table, and rules. */
export type ItemKind = "connection" | "job" | "s3trigger" | "rule";

/** One spec, built. */
export interface BuiltItem {
  readonly kind: ItemKind;
  /** Its `conn_id`, `job_id`, `trigger_id` or `rule_id`; undefined for a spec that is left out here (FW-121). */
  readonly id: string | undefined;
  /** Project-relative: `lava-jobs/a/b.yaml`. */
  readonly source: string;
  /** Relative to `dist/<env>`: `lava-jobs/a/b.json`. */
  readonly output: string;
  /** The whole item with its tracking fields; null when it is left out in this environment. */
  readonly data: DataMap | null;
}

/** One file below `dist/<env>/lava-payloads` that goes to the payload area. */
export interface BuiltPayload {
  readonly kind: string;
  /** Project-relative source: `lava-payloads/x.pkg`. */
  readonly source: string;
  /** Relative to `dist/<env>`: `lava-payloads/x.zip`. */
  readonly output: string;
  /** Name below `<s3_payloads>/<prefix.payload>/`: `x.zip`, `x.rsc/a.txt`. */
  readonly name: string;
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
  /** Hex; what S3 gives as ETag of a plain upload. */
  readonly md5: string;
}

/** An image that was built, in the store of this machine's docker engine. */
export interface BuiltImage {
  /** Project-relative source: `lava-payloads/x.docker`. */
  readonly source: string;
  /** Relative to `dist/<env>`, a file with the id: `lava-payloads/x.dockerimg`. */
  readonly output: string;
  /** Name without a registry or tag: `<prefix.docker_repo>/x`. */
  readonly repository: string;
  /** `sha256:...`; of an image for several platforms, of its parts together. */
  readonly id: string;
  /** One image for each platform, where there are several. */
  readonly parts?: readonly ImagePart[] | undefined;
}

/** Options of {@link buildProject}. */
export interface BuildOptions {
  readonly env: string;
  /** Without it the cached `dist/<env>/.realm.json` is used, if there is one (FW-086). */
  readonly realmInfo?: RealmInfo | undefined;
  /** Reads the realm, where something asks for its record and no earlier build has kept it (FW-080). */
  readonly readRealm?: (() => Promise<RealmInfo>) | undefined;
  /** Warnings, undefined names among them, fail the build. */
  readonly strict?: boolean | undefined;
  /** Tracking fields `x-lava-*` (FW-111); `false` is the original's `xattr=no`. */
  readonly trackingFields?: boolean | undefined;
  /** What a spec that is not valid does: `error` by default (FW-110). */
  readonly validation?: "error" | "warn" | "off" | undefined;
  /** Only components with these paths or ids, globs (FW-235); the others stay as they are. */
  readonly only?: readonly string[] | undefined;
  readonly onProgress?: ((event: BuildProgress) => void) | undefined;
}

/** Sent for each output that is built. */
export interface BuildProgress {
  readonly done: number;
  readonly total: number;
  /** Relative to the project: `dist/dev/lava-jobs/a.json`. */
  readonly output: string;
}

/** What a build made; its files are in `dist/<env>`. */
export interface BuildResult {
  readonly project: Project;
  readonly environment: Environment;
  /** Absolute path of `dist/<env>`. */
  readonly dist: string;
  readonly items: readonly BuiltItem[];
  readonly payloads: readonly BuiltPayload[];
  readonly images: readonly BuiltImage[];
  /** The `only` that it was limited to; items, payloads and images are those alone. */
  readonly only?: readonly string[] | undefined;
  readonly warnings: readonly Finding[];
  /** Outputs (relative to `dist/<env>`) built now, left as they were, and deleted because their source is gone. */
  readonly built: readonly string[];
  readonly unchanged: readonly string[];
  readonly removed: readonly string[];
  readonly realmInfo: RealmInfo | undefined;
}

/** The part of a spec or payload that is data, before it is known to be valid. */
export type SpecData = Data;
