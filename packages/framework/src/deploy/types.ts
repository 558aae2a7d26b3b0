import type { Data, DataMap } from "@lava/core";
import type { ScheduleEntry } from "@lava/realm";
import type { ImagePart } from "../build/payload/payload-builder.ts";
import type { ItemKind } from "../build/types.ts";

/** One field that a deployment changes; `before` is absent for a new field, `after` for one that goes. */
export interface FieldChange {
  readonly path: readonly (string | number)[];
  readonly before?: Data;
  readonly after?: Data;
}

/** What a deployment does to one item of a table. */
export interface ItemChange {
  readonly action: "create" | "update" | "delete";
  readonly kind: ItemKind;
  readonly id: string;
  /** Source of the spec, project-relative; undefined for a delete. */
  readonly source?: string | undefined;
  /** Field by field, without tracking fields; empty for a delete. */
  readonly changes: readonly FieldChange[];
  /** The item as the plan saw it; what is there must still be this when it is replaced. */
  readonly before?: DataMap | undefined;
  /** The item as it will be. */
  readonly after?: DataMap | undefined;
  /** A rule that had been given permissions but was not made or changed: a deployment was killed. They go. */
  readonly revokes?: DataMap | undefined;
  /** For people, such as "takes over an item that no project owns". */
  readonly note?: string | undefined;
}

/** What a deployment does to one payload object. */
export interface PayloadChange {
  readonly action: "create" | "update" | "delete";
  /** Name below the payload area. */
  readonly key: string;
  /** Absolute path of the file to upload. */
  readonly file?: string | undefined;
  /** Name below the payload area of the object that is copied instead, by a rollback. */
  readonly copyOf?: string | undefined;
  readonly size: number;
  readonly sha256?: string | undefined;
  /** Hex; what S3 gives as ETag of a plain upload. */
  readonly md5?: string | undefined;
  /** ETag of the object that the plan saw. */
  readonly beforeEtag?: string | undefined;
}

/** What a deployment does to one image: to `latest` of its repository. */
export interface ImageChange {
  readonly action: "create" | "update" | "delete";
  /** Name below the registry: `lava/dev/etl/x`. */
  readonly repository: string;
  /** Id of the image in this machine's docker engine; absent when an earlier one is to be `latest` again. */
  readonly id?: string | undefined;
  /** One image for each platform, where there are several (FW-193). */
  readonly parts?: readonly ImagePart[] | undefined;
  /** Tag that is always of this image (FW-203); absent for a delete. */
  readonly tag?: string | undefined;
  /** Digest of `latest` that the plan saw, and another tag of that image. */
  readonly before?: string | undefined;
  readonly beforeTag?: string | undefined;
}

/** What a deployment does to one schedule of EventBridge Scheduler. */
export interface ScheduleChange {
  readonly action: "create" | "update" | "delete";
  readonly job: string;
  /** Name in the realm's group. */
  readonly name: string;
  /** As it will be; absent for a delete. */
  readonly schedule?: ScheduleEntry | undefined;
}

/** An item or object that the plan leaves alone although the sources or `prune` would change it, and why. */
export interface PlanRefusal {
  readonly kind: ItemKind | "payload" | "image";
  readonly id: string;
  readonly reason: string;
}

/** When a job will run next, before and after a plan; at most three times each, none for a job that is not started. */
export interface FireTimes {
  readonly id: string;
  /** In which its schedule is read. */
  readonly zone: string;
  /** ISO 8601, UTC. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Something that a plan breaks. */
export interface PlanBreak {
  /** What breaks. */
  readonly kind: ItemKind;
  readonly id: string;
  /** What it needs and will not have: `job x`, `connection y`, `worker z`. */
  readonly needs: string;
  /** For people. */
  readonly reason: string;
}

/** What a deployment (or an uninstall) would do; plain data, nothing is done yet. */
export interface Plan {
  readonly purpose: "deploy" | "uninstall" | "rollback";
  readonly project: string;
  readonly env: string;
  readonly realm: string;
  /** `prefix.payload` of the environment: what is locked while a plan is carried out. */
  readonly prefix: string;
  /** Absolute path of `dist/<env>`, where the files to upload are. */
  readonly dist: string;
  /** `s3_payloads` of the realm, an `s3://bucket/prefix` without a slash at the end. */
  readonly payloadArea: string;
  /** Where AWS is asked, if that is not AWS itself: the endpoint of `lava dev`, say. */
  readonly endpoint?: string | undefined;
  readonly items: readonly ItemChange[];
  readonly payloads: readonly PayloadChange[];
  /** Absent in plans without images. */
  readonly images?: readonly ImageChange[] | undefined;
  /** Of jobs of the dispatcher `eventbridge`; absent in plans without any. */
  readonly schedules?: readonly ScheduleChange[] | undefined;
  /** Number of items and payloads (images among them) that are as they should be. */
  readonly unchanged: { readonly items: number; readonly payloads: number };
  /** Specs that are left out in this environment (FW-122), as source names. */
  readonly skipped: readonly string[];
  /** What the project owns in the realm but no longer has; `prune` makes these deletes. */
  readonly orphans: readonly {
    readonly kind: ItemKind | "payload" | "image";
    readonly id: string;
  }[];
  /** What is not touched because it belongs to somebody else; `force` overrides. */
  readonly refused: readonly PlanRefusal[];
  readonly warnings: readonly string[];
  /** Of jobs that are new with a schedule or whose times change. */
  readonly fireTimes: readonly FireTimes[];
  /** What will not work once the plan is done. */
  readonly breaks: readonly PlanBreak[];
  /** Everything the project owns once the plan is done. */
  readonly owned: DeployedManifest;
}

/** Record of what a project has in a realm, kept beside its payloads (FW-247). */
export interface DeployedManifest {
  readonly version: 1;
  readonly project: string;
  readonly env: string;
  readonly items: readonly { readonly kind: ItemKind; readonly id: string }[];
  /** Names below the payload area, with what was uploaded. */
  readonly payloads: readonly {
    readonly key: string;
    readonly sha256: string;
    readonly etag?: string | undefined;
  }[];
  /** Repositories of images; absent when there are none. */
  readonly images?: readonly { readonly repository: string }[] | undefined;
}

/** Options of {@link planDeployment}. */
export interface PlanOptions {
  /** Deletes what this project owns in the realm and no longer has. */
  readonly prune?: boolean | undefined;
  /** Overwrites items that another project or repository deployed (FW-138). */
  readonly force?: boolean | undefined;
}

/** What a step has really changed; `unknown` when it failed, or was killed, in its middle. */
export type Effect = "created" | "replaced" | "deleted" | "left" | "unknown";

/** One step of a deployment and how it went. */
export interface DeployStep {
  readonly kind: ItemKind | "payload" | "image" | "schedule";
  readonly id: string;
  readonly action: "create" | "update" | "delete";
  /**
   * `already`: it was as planned before; `conflict`: changed since the plan, left alone; `begun`: the deployment was
   * killed in its middle.
   */
  readonly outcome: "done" | "already" | "conflict" | "failed" | "begun" | "not_tried";
  readonly reason?: string | undefined;
  /** What a rollback is to undo; absent in records of earlier versions. */
  readonly effect?: Effect | undefined;
}

/** Sent after each step. */
export interface DeployProgress {
  readonly done: number;
  readonly total: number;
  readonly step: DeployStep;
}

/** Options of {@link deployPlan}. */
export interface DeployOptions {
  /** Who deploys, for the record and for others who find it locked. */
  readonly by: { readonly user: string; readonly host: string };
  readonly onProgress?: ((event: DeployProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Environment of docker, which pushes images. */
  readonly environ?: Readonly<Record<string, string | undefined>> | undefined;
  /** How many deployments are kept with what they replaced; 10 by default. */
  readonly keep?: number | undefined;
}

/** How a deployment went; `ok` when every step is done. */
export interface DeployResult {
  readonly ok: boolean;
  /** Id of the record, for `lava rollback`. */
  readonly deployment: string;
  readonly steps: readonly DeployStep[];
}

/** A deployment as it is kept in the payload area of its realm. */
export interface Deployment {
  readonly version: 1;
  /** Sorts by time: `20261125T101500123-4f2a`. */
  readonly id: string;
  /** `running` may also mean that it was killed. */
  readonly state: "running" | "complete" | "failed";
  readonly started: string;
  readonly finished?: string | undefined;
  readonly user: string;
  readonly host: string;
  readonly plan: Plan;
  /** What the project owned before. */
  readonly ownedBefore: DeployedManifest;
  /** In the order in which they ended; while it runs, or when it was killed, in that of the plan. */
  readonly steps: readonly DeployStep[];
}
