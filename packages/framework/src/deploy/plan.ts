import { type DataMap, inParallel } from "@lava/core";
import type { Realm, StoredObject } from "@lava/realm";
import { selectionOf } from "../build/only.ts";
import type { BuildResult, BuiltItem } from "../build/types.ts";
import { fieldChanges, PROJECT_MARK } from "./compare.ts";
import { planSchedules } from "./eventbridge-schedules.ts";
import { imageDeletions, planImages } from "./images/plan-images.ts";
import { openInvokePermissions } from "./invoke-permissions.ts";
import { loadManifest } from "./manifest.ts";
import { planExtras } from "./plan-extras.ts";
import { normalRule, ruleIdOf } from "./rule-item.ts";
import { tableOf } from "./tables.ts";
import type {
  DeployedManifest,
  ItemChange,
  PayloadChange,
  Plan,
  PlanBreak,
  PlanOptions,
  PlanRefusal,
} from "./types.ts";

const PARALLEL = 16;

/** Compares a build with its realm: what a deployment would do. Nothing is written. */
export async function planDeployment(
  build: BuildResult,
  realm: Realm,
  options: PlanOptions = {},
): Promise<Plan> {
  const { project, environment } = build;
  const deployed = await loadManifest(realm, project.id, environment.name);
  const items = await planItems(build, realm, options);
  const payloads = await planPayloads(build, realm, deployed);
  const gone = await findOrphans(build, realm, deployed);
  const others = notSelected(build, deployed);
  const images = await planImages(build, realm, deployed);
  const prune = options.prune === true;
  const keptImages = prune ? [] : images.gone;
  const imageChanges = [
    ...images.changes,
    ...(prune ? await imageDeletions(images.gone, realm) : []),
  ];
  const ownedImages = [...images.owned, ...keptImages.map((repository) => ({ repository }))];
  const kept = prune ? [] : gone.items.map(({ kind, id }) => ({ kind, id }));
  const keptPayloads = prune ? [] : gone.payloads;
  const changes = [...items.changes, ...(prune ? gone.items : [])];
  const present = build.items
    .flatMap((item) => toDeploy(item, project.id))
    .map(({ kind, id, after }) => ({ kind, id, data: after }));
  const extras = await planExtras({ changes, items: present, settings: project.settings }, realm);
  const schedules = await planSchedules(
    changes,
    realm,
    present.flatMap(({ kind, data }) => (kind === "job" ? [data] : [])),
  );
  const permissions = await missingPermissions(present, changes, realm);
  return {
    purpose: "deploy",
    project: project.id,
    env: environment.name,
    realm: realm.name,
    prefix: environment.prefix.payload,
    dist: build.dist,
    payloadArea: realm.payloads.uri("").replace(/\/$/, ""),
    ...endpointOf(realm),
    items: changes,
    payloads: [...payloads.changes, ...(prune ? gone.payloads.map(deletion) : [])],
    ...(imageChanges.length === 0 ? {} : { images: imageChanges }),
    ...(schedules.length === 0 ? {} : { schedules }),
    unchanged: { items: items.unchanged, payloads: payloads.unchanged + images.unchanged },
    skipped: build.items.filter(({ data }) => data === null).map(({ source }) => source),
    orphans: [
      ...kept,
      ...keptPayloads.map(({ name }) => ({ kind: "payload" as const, id: name })),
      ...keptImages.map((id) => ({ kind: "image" as const, id })),
    ],
    refused: items.refused,
    warnings: permissions.given,
    ...extras,
    breaks: [...extras.breaks, ...permissions.breaks],
    owned: {
      version: 1,
      project: project.id,
      env: environment.name,
      items: [...items.owned, ...kept, ...others.items],
      payloads: [
        ...payloads.owned,
        ...deployed.payloads.filter(({ key }) => keptPayloads.some(({ name }) => name === key)),
        ...others.payloads,
      ],
      ...(ownedImages.length === 0 ? {} : { images: ownedImages }),
    },
  };
}

/** The part of a plan that tells a realm on another endpoint from the one of that name in AWS. */
export function endpointOf({ clients: { settings } }: Realm): Pick<Plan, "endpoint"> {
  return settings.endpoint === undefined ? {} : { endpoint: settings.endpoint };
}

/** Functions that do not let rules call them: what the deployment mends, and what it does not (FW-159). */
async function missingPermissions(
  items: readonly { readonly kind: BuiltItem["kind"]; readonly data: DataMap }[],
  changes: readonly ItemChange[],
  realm: Realm,
): Promise<{ given: string[]; breaks: PlanBreak[] }> {
  const rules = items.flatMap(({ kind, data }) => (kind === "rule" ? [data] : []));
  const permissions = openInvokePermissions(realm);
  const changed = new Set(changes.flatMap(({ kind, id }) => (kind === "rule" ? [id] : [])));
  const given: string[] = [];
  const breaks: PlanBreak[] = [];
  for (const { canBeGiven, ...missing } of await permissions.missing(rules)) {
    if (canBeGiven && changed.has(missing.id))
      given.push(`${missing.reason}; it is given the right`);
    else breaks.push(missing);
  }
  return { given, breaks };
}

interface PlannedItems {
  readonly changes: ItemChange[];
  readonly refused: PlanRefusal[];
  readonly owned: { kind: BuiltItem["kind"]; id: string }[];
  unchanged: number;
}

async function planItems(
  build: BuildResult,
  realm: Realm,
  options: PlanOptions,
): Promise<PlannedItems> {
  const planned: PlannedItems = { changes: [], refused: [], owned: [], unchanged: 0 };
  const present = build.items.flatMap((item) => toDeploy(item, build.project.id));
  const stored = await inParallel(present, PARALLEL, async ({ kind, id }) =>
    tableOf(realm, kind).getItem(id),
  );
  for (const [index, { kind, id, source, after }] of present.entries()) {
    const before = stored[index];
    const other = before === undefined ? undefined : otherOwner(before, after);
    if (other !== undefined && options.force !== true) {
      planned.refused.push({ kind, id, reason: `${other}; --force takes it over` });
      continue;
    }
    planned.owned.push({ kind, id });
    if (before === undefined) {
      const changes = fieldChanges({}, after);
      planned.changes.push({ action: "create", kind, id, source, changes, after });
      continue;
    }
    const changes = fieldChanges(before, after);
    const unowned = before[PROJECT_MARK] === undefined && after[PROJECT_MARK] !== undefined;
    if (changes.length === 0 && other === undefined && !unowned) {
      planned.unchanged += 1;
      continue;
    }
    const note = other ?? (unowned ? "takes over an item that no project owns" : undefined);
    planned.changes.push({ action: "update", kind, id, source, changes, before, after, note });
  }
  return planned;
}

interface ItemToDeploy {
  readonly kind: BuiltItem["kind"];
  readonly id: string;
  readonly source: string;
  readonly after: DataMap;
}

/** A built item as it is to be in its table; nothing for one that is left out in this environment. */
function toDeploy({ kind, id = "", source, data }: BuiltItem, project: string): ItemToDeploy[] {
  if (data === null) return [];
  const item = marked(data, project);
  if (kind !== "rule") return [{ kind, id, source, after: item }];
  return [{ kind, id: ruleIdOf(item), source, after: normalRule(item) }];
}

/** The item with the project's mark, unless tracking fields were left out of the build (FW-117). */
function marked(data: DataMap, project: string): DataMap {
  return data["x-lava-chk"] === undefined ? data : { ...data, [PROJECT_MARK]: project };
}

/** Who else deployed an item, as a text for people (FW-138). */
function otherOwner(before: DataMap, after: DataMap): string | undefined {
  const mark = before[PROJECT_MARK];
  const ours = after[PROJECT_MARK];
  if (typeof mark === "string" && typeof ours === "string" && mark !== ours) {
    return `belongs to project ${mark}`;
  }
  const [theirs, here] = [before["x-lava-git-repo"], after["x-lava-git-repo"]];
  const known = (repo: unknown): repo is string => typeof repo === "string" && repo !== "--";
  if (mark === undefined && known(theirs) && known(here) && theirs !== here) {
    return `was deployed from ${theirs}`;
  }
  return undefined;
}

interface PlannedPayloads {
  readonly changes: PayloadChange[];
  readonly owned: { key: string; sha256: string; etag?: string | undefined }[];
  unchanged: number;
}

async function planPayloads(
  build: BuildResult,
  realm: Realm,
  deployed: DeployedManifest,
): Promise<PlannedPayloads> {
  const prefix = `${build.environment.prefix.payload}/`;
  const planned: PlannedPayloads = { changes: [], owned: [], unchanged: 0 };
  if (build.payloads.length === 0) return planned;
  const stored = new Map(
    (await realm.payloads.list(prefix)).map((object) => [object.name, object]),
  );
  const before = new Map(deployed.payloads.map((payload) => [payload.key, payload]));
  for (const payload of build.payloads) {
    const key = `${prefix}${payload.name}`;
    const object = stored.get(key);
    const known = before.get(key);
    // With KMS the ETag is no MD5: then what was uploaded, and that it is still there, says the same (FW-246).
    const same =
      object !== undefined &&
      object.size === payload.size &&
      (object.etag === payload.md5 ||
        (known?.sha256 === payload.sha256 && known.etag === object.etag));
    if (same) {
      planned.unchanged += 1;
      planned.owned.push({ key, sha256: payload.sha256, etag: object.etag });
      continue;
    }
    planned.owned.push({ key, sha256: payload.sha256 });
    planned.changes.push({
      action: object === undefined ? "create" : "update",
      key,
      file: `${build.dist}/${payload.output}`,
      size: payload.size,
      sha256: payload.sha256,
      md5: payload.md5,
      beforeEtag: object?.etag,
    });
  }
  return planned;
}

/** What a build of some components (FW-235) has nothing to do with: it stays, and stays the project's. */
function notSelected(
  { only, items, payloads, environment }: BuildResult,
  deployed: DeployedManifest,
): Pick<DeployedManifest, "items" | "payloads"> {
  const selection = selectionOf(only);
  if (selection === undefined) return { items: [], payloads: [] };
  const built = new Set(items.map(({ kind, id }) => `${kind} ${id ?? ""}`));
  const names = new Set(payloads.map(({ name }) => `${environment.prefix.payload}/${name}`));
  return {
    items: deployed.items.filter(
      ({ kind, id }) => !built.has(`${kind} ${id}`) && !selection.matchesId(id),
    ),
    payloads: deployed.payloads.filter(({ key }) => !names.has(key) && !selection.matchesId(key)),
  };
}

/** What the project deployed earlier, still has in the realm, and no longer has in its sources (FW-247). */
async function findOrphans(
  build: BuildResult,
  realm: Realm,
  deployed: DeployedManifest,
): Promise<{ items: ItemChange[]; payloads: StoredObject[] }> {
  const current = new Set(
    build.items
      .flatMap((item) => toDeploy(item, build.project.id))
      .map(({ kind, id }) => `${kind} ${id}`),
  );
  const names = new Set(
    build.payloads.map(({ name }) => `${build.environment.prefix.payload}/${name}`),
  );
  const others = notSelected(build, deployed);
  return {
    items: await ownedItems(
      realm,
      build.project.id,
      deployed.items.filter(
        (item) => !current.has(`${item.kind} ${item.id}`) && !others.items.includes(item),
      ),
    ),
    payloads: await ownedPayloads(
      realm,
      deployed.payloads.filter(
        (payload) => !names.has(payload.key) && !others.payloads.includes(payload),
      ),
    ),
  };
}

/** Deletes for those items that are there and still the project's. */
export async function ownedItems(
  realm: Realm,
  project: string,
  items: DeployedManifest["items"],
): Promise<ItemChange[]> {
  const found = await inParallel(items, PARALLEL, async ({ kind, id }): Promise<ItemChange[]> => {
    const before = await tableOf(realm, kind).getItem(id);
    const mark = before?.[PROJECT_MARK];
    const own = kind === "rule" ? normalRule({ [PROJECT_MARK]: project })[PROJECT_MARK] : project;
    if (before === undefined || (mark !== undefined && mark !== own)) return [];
    return [{ action: "delete", kind, id, changes: [], before }];
  });
  return found.flat();
}

/** Those objects that are there and still what the project uploaded. */
export async function ownedPayloads(
  realm: Realm,
  payloads: DeployedManifest["payloads"],
): Promise<StoredObject[]> {
  const found = await inParallel(payloads, PARALLEL, async ({ key, etag }) => {
    const object = await realm.payloads.head(key);
    return object !== undefined && (etag === undefined || etag === object.etag) ? [object] : [];
  });
  return found.flat();
}

/** The delete of an object. */
export function deletion(object: StoredObject): PayloadChange {
  return { action: "delete", key: object.name, size: object.size, beforeEtag: object.etag };
}
