import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Data,
  type DataMap,
  DecimalValue,
  errorText,
  FloatValue,
  isMap,
  type Issue,
  LavaError,
} from "@lava/core";
import type { Realm } from "@lava/realm";
import type { RealmRecord, StoredJob } from "@lava/spec";
import type { PayloadText } from "@lava/worker";
import type { CliContext } from "../command.ts";
import { printLine } from "../output.ts";
import {
  openCurrentProject,
  printFindings,
  realmInfoOf,
  withEnvironmentRealm,
} from "../project-access.ts";
import { type RealmOptions, withRealm } from "../realm-access.ts";
import { nearestJob } from "../require-jobs.ts";

/** Where the jobs that are rendered come from. */
export interface JobSource {
  readonly realm: RealmRecord;
  readonly ids: () => Promise<readonly string[]>;
  readonly findJob: (job_id: string) => Promise<StoredJob | undefined>;
  /** State items for the defaults of a job; secrets as references. */
  readonly state: (defaults: DataMap) => Promise<DataMap>;
  readonly payloadFiles: (payload: Data) => Promise<readonly PayloadText[]>;
  /** Where a field of a job is written, if that is known. */
  readonly locate: (
    job_id: string,
    path: Issue["path"],
  ) => Pick<Issue, "file" | "line" | "column"> | undefined;
  /** Whether the source has all jobs there are, so that a child that is not there is a fault. */
  readonly isComplete: boolean;
}

/** Options that say where jobs come from. */
export interface JobSourceOptions extends RealmOptions {
  readonly env?: string;
}

/** Opens a realm, or with `env` builds the project that the user stands in, for the time of `use`. */
export async function withJobSource(
  options: JobSourceOptions,
  context: CliContext,
  use: (source: JobSource) => Promise<void>,
): Promise<void> {
  const { env } = options;
  if (env === undefined) {
    await withRealm(options, context, (realm) => use(realmSource(realm))).catch(orProject);
    return;
  }
  if (options.realm !== undefined) {
    throw new LavaError("BAD_OPTIONS", "--env builds the project: --realm does not go with it", {
      kind: "usage",
    });
  }
  await use(await projectSource({ ...options, env }, context));
}

/** Without a realm, the project may have been meant. */
function orProject(error: unknown): never {
  if (!(error instanceof LavaError) || error.code !== "NO_REALM") throw error;
  throw new LavaError(error.code, error.message, {
    cause: error,
    kind: "usage",
    hint: "Give --env NAME for the project as it is now, --realm NAME or LAVA_REALM for a realm, or start a dev realm with `lava dev up`.",
  });
}

function realmSource(realm: Realm): JobSource {
  return {
    realm: realm.record,
    ids: async () => (await realm.jobs.listItems()).map((item) => String(item["job_id"])),
    findJob: (job_id) => realm.jobs.get(job_id),
    async state(defaults) {
      const items = await Promise.all(
        Object.entries(defaults).map(
          async ([id, value]) => [id, await storedState(realm, id, value)] as const,
        ),
      );
      return Object.fromEntries(items);
    },
    async payloadFiles(payload) {
      const folder = await mkdtemp(join(tmpdir(), "lava-render-"));
      try {
        const files = await realm.payloads.download(payload, folder);
        return await Promise.all(
          files.map(async ({ name, path }) => ({ name, text: await readFile(path, "utf8") })),
        );
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    locate: () => undefined,
    isComplete: true,
  };
}

/** The value of a state item; of a secret only which one it is. */
async function storedState(realm: Realm, id: string, otherwise: Data): Promise<Data> {
  try {
    const item = await realm.state.get(id);
    if (item === undefined) return otherwise;
    return item.type === "secure" ? `<secure state ${id}>` : item.value;
  } catch (error) {
    return `<state ${id} cannot be read: ${errorText(error)}>`;
  }
}

async function projectSource(
  options: JobSourceOptions & { readonly env: string },
  context: CliContext,
): Promise<JobSource> {
  const [{ buildInMemory }, { parseRealmRecord, parseStoredJob }] = await Promise.all([
    import("@lava/framework"),
    import("@lava/spec"),
  ]);
  const project = await openCurrentProject(context);
  const realmInfo =
    options.dev === true
      ? await withEnvironmentRealm(project, options, context, realmInfoOf)
      : undefined;
  const built = await buildInMemory(project, { env: options.env, realmInfo });
  printFindings(
    built.findings.filter(({ severity }) => severity === "error"),
    context,
  );
  const { environment } = built;
  const record = built.realmInfo?.record;
  if (record === undefined) {
    const text = `the record of realm ${environment.realm} is not known: its names are placeholders`;
    printLine(context.stderr, `note: ${text}`);
  }
  const jobs = new Map(
    built.items.filter(({ kind }) => kind === "job").map((item) => [item.id, item] as const),
  );
  const prefix = `${environment.prefix.payload}/`;
  return {
    realm: parseRealmRecord(
      record ?? {
        realm: environment.realm,
        s3_payloads: `s3://<payloads of ${environment.realm}>`,
        s3_temp: `s3://<temp of ${environment.realm}>`,
      },
    ),
    ids: () => Promise.resolve([...jobs.keys()].sort()),
    async findJob(job_id) {
      const item = jobs.get(job_id);
      return item === undefined ? undefined : parseStoredJob(asStored(item.data));
    },
    state: (defaults) => Promise.resolve(defaults),
    payloadFiles(payload) {
      const wanted = (Array.isArray(payload) ? payload : [payload]).map((one: unknown) =>
        String(one).replace(prefix, ""),
      );
      const files = [...built.payloads]
        .filter(([name]) => wanted.some((one) => name === one || name.startsWith(one)))
        .map(([name, content]) => ({
          name: name.slice(name.lastIndexOf("/") + 1),
          text: new TextDecoder().decode(content),
        }));
      return Promise.resolve(files);
    },
    locate: (job_id, path) => jobs.get(job_id)?.locate(path),
    isComplete: false,
  };
}

/** Data as it comes back from the table: every number is a decimal (WK-134). */
function asStored(value: Data): Data {
  if (typeof value === "number" || typeof value === "bigint")
    return new DecimalValue(String(value));
  if (value instanceof FloatValue) return new DecimalValue(String(value.value));
  if (Array.isArray(value)) return value.map((item: Data) => asStored(item));
  if (!isDataMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asStored(item)]));
}

function isDataMap(value: Data): value is DataMap {
  return isMap(value);
}

/**
 * Jobs by id.
 *
 * @throws {LavaError} NO_SUCH_JOB with the id that may have been meant
 */
export async function findJobs(
  source: JobSource,
  ids: readonly string[],
): Promise<readonly StoredJob[]> {
  const found: StoredJob[] = [];
  for (const id of ids) {
    const job = await source.findJob(id);
    if (job === undefined) {
      const near = nearestJob(id, await source.ids());
      throw new LavaError("NO_SUCH_JOB", `${id}: No such job in ${source.realm.realm}`, {
        kind: "failure",
        hint:
          near === undefined
            ? "`lava check` lists what is wrong with a project."
            : `Did you mean ${near}?`,
      });
    }
    found.push(job);
  }
  return found;
}
