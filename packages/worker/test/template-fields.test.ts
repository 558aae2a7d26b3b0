import type { Data, DataMap } from "@lava/core";
import {
  actionTemplates,
  type ActionType,
  everyJobTemplates,
  isActionType,
  isJobType,
  jobTemplates,
  type JobType,
  type TemplateField,
} from "@lava/spec";
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtinActions } from "../src/actions/index.ts";
import { builtinHandlers } from "../src/handlers/index.ts";
import { workerRealm, type WorkerRealm } from "./worker-realm.ts";

// Each field that the table of render contexts lists is broken in turn, in a job that really runs: the handler must
// render it, and the failure must point at it.

const BROKEN = "{{ nope.x }}";

/** Jobs of each type that would get as far as rendering everything. */
const working: Readonly<Partial<Record<JobType, DataMap>>> = {
  cmd: { payload: "true" },
  db_from_s3: {
    parameters: {
      bucket: "b",
      key: "k",
      db_conn_id: "db",
      table: "t",
      schema: "s",
      mode: "append",
    },
  },
  dispatch: { payload: "other", parameters: { parameters: {} } },
  docker: { payload: "image", parameters: { command: "true" } },
  exe: { payload: "go.sh" },
  pkg: { payload: "p.zip", parameters: { command: "go.sh" } },
  redshift_unload: {
    parameters: {
      ...{ relation: "r", args: [] },
      ...{ conn_id: "db", bucket: "b", prefix: "p", schema: "s", insecure: true },
      ...{ s3_iam_role: "arn:aws:iam::000000000000:role/r" },
    },
  },
  sharepoint_get_doc: { parameters: { conn_id: "sp", path: "/p", library: "l", file: "f" } },
  sharepoint_get_list: { parameters: { conn_id: "sp", list: "l", file: "f" } },
  sharepoint_get_multi_doc: {
    parameters: { conn_id: "sp", path: "/p", library: "l", outpath: "o", glob: "*" },
  },
  sharepoint_put_doc: {
    parameters: { conn_id: "sp", path: "/p", library: "l", file: "f", title: "t" },
  },
  sharepoint_put_list: { parameters: { conn_id: "sp", list: "l", file: "f", mode: "append" } },
  smb_get: { parameters: { conn_id: "smb", share_name: "s", path: "p", file: "f" } },
  smb_put: { parameters: { conn_id: "smb", share_name: "s", path: "p", file: "f" } },
  sqli: { payload: "select 1", parameters: { conn_id: "db" } },
};

const foreachSources: Readonly<Record<string, DataMap>> = {
  filename: { type: "csv", filename: BROKEN },
};

interface BrokenJob {
  readonly job: DataMap & { readonly job_id: string };
  /** What the failure must name. */
  readonly place: string;
}

function brokenJob(type: JobType, { field, method }: TemplateField): BrokenJob | undefined {
  const job_id = `${type}/${field}`;
  if (method === "files" || method === "file-statements") return undefined;
  const base: BrokenJob["job"] = { job_id, type, ...working[type] };
  const own = working[type]?.["parameters"];
  const parameters = typeof own === "object" && own !== null ? own : {};
  const [, name = "", inner] = field.split(".");
  if (field === "payload") {
    const text = method === "later-words" ? `${String(base["payload"])} ${BROKEN}` : BROKEN;
    const quoted = method === "statements" ? text : text.replace(BROKEN, `"${BROKEN}"`);
    return { job: { ...base, payload: quoted }, place: "payload" };
  }
  if (inner !== undefined) {
    const source = foreachSources[inner];
    if (source === undefined) return undefined;
    return { job: { ...base, payload: "other", parameters: { [name]: source } }, place: field };
  }
  const values: Readonly<Record<string, readonly [unknown, string]>> = {
    arguments: [["ok", BROKEN], `${field}[1]`],
    values: [{ A: "ok", B: BROKEN }, `${field}.B`],
    json: [{ deep: ["ok", BROKEN] }, `${field}.deep[1]`],
    words: [`go "${BROKEN}"`, field],
    "later-words": [`go.sh "${BROKEN}"`, field],
  };
  // Of the options of an UNLOAD, only what it partitions by is a template.
  const partition = [[`PARTITION BY (${BROKEN})`], `${field}[0]`] as const;
  const [value, place] =
    type === "redshift_unload" && name === "args" ? partition : (values[method] ?? [BROKEN, field]);
  return {
    job: { ...base, parameters: { ...parameters, [name]: value } } as BrokenJob["job"],
    place,
  };
}

function brokenAction(type: ActionType, { field, method }: TemplateField): BrokenJob {
  const needed: Readonly<Partial<Record<ActionType, DataMap>>> = {
    dispatch: { job_id: "other" },
    email: { to: "a@x.org", subject: "x", message: "x", email_conn: "mail" },
    event: {},
    log: { message: "x" },
    slack: { slack_conn: "chat", message: "x" },
    sns: { topic: "arn:aws:sns:local:000000000000:none", message: "x" },
    sqs: { queue: "none.fifo", message: "x" },
    state: { state_id: "x", value: 1 },
  };
  const values: Readonly<Record<string, readonly [Data, string]>> = {
    attachments: [[BROKEN], "[0]"],
    detail: [{ deep: BROKEN }, ".deep"],
    resources: [["ok", BROKEN], "[1]"],
  };
  const [value, below] =
    values[field] ?? (method === "json" ? [{ deep: BROKEN }, ".deep"] : [BROKEN, ""]);
  const action = { action: type, ...needed[type], [field]: value };
  return {
    job: {
      job_id: `action/${type}/${field}`,
      payload: "true",
      on_success: [{ action: "log", message: "first" }, action],
    },
    place: `on_success[1].${field}${below}`,
  };
}

// A docker job renders once it has reached its daemon: its own tests have one.
const types = Object.keys(builtinHandlers)
  .filter(isJobType)
  .filter((type) => type !== "docker");
const actions = Object.keys(builtinActions).filter(isActionType);
const broken: readonly BrokenJob[] = [
  ...types.flatMap((type) =>
    jobTemplates[type].flatMap((field: TemplateField) => brokenJob(type, field) ?? []),
  ),
  ...actions.flatMap((type) =>
    actionTemplates[type].map((field: TemplateField) => brokenAction(type, field)),
  ),
  ...everyJobTemplates.map(({ field }) => ({
    job: { job_id: `any/${field}`, payload: "true", [field]: BROKEN },
    place: field,
  })),
];

let setup: WorkerRealm;

beforeAll(async () => {
  setup = await workerRealm({
    jobs: [...broken.map(({ job }) => job), { job_id: "other", payload: "true" }],
    connections: [
      { conn_id: "db", type: "sqlite3", host: "/dev/null", port: 1, description: "", owner: "" },
      { conn_id: "mail", type: "email", from: "a@x.org" },
    ],
    payloads: { "go.sh": "#!/bin/sh\n" },
  });
  await setup.start({ threads: 4 });
});
afterAll(() => setup[Symbol.asyncDispose]());

test.each(broken)(
  "$place of $job.job_id is a template, and its errors point there (WK-133)",
  async (each) => {
    const run = await setup.run(each.job.job_id);

    const told = JSON.stringify(run.log.map(({ info }) => info));
    expect(told).toContain(`'nope' is undefined (${each.place}, line 1, column `);
    expect(told).toContain(`${BROKEN})`);
  },
);
