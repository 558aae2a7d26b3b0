import type { DataMap } from "@lava/core";
import { parseRealmRecord, parseStoredJob } from "@lava/spec";
import { describe, expect, test } from "vitest";
import { PREVIEW_RUN_ID, type RenderedJob, renderJobTemplates } from "./render-job.ts";

const realm = parseRealmRecord({
  realm: "r",
  s3_payloads: "s3://b/p",
  s3_temp: "s3://b/t",
  on_fail: [{ action: "log", message: "{{ job.job_id }}: {{ result.error }}" }],
});
const AT = Date.parse("2026-11-23T07:47:15.900Z");

function job(fields: DataMap) {
  return parseStoredJob({ job_id: "a/b", type: "cmd", worker: "core", payload: "true", ...fields });
}

async function render(
  fields: DataMap,
  more: Partial<Parameters<typeof renderJobTemplates>[1]> = {},
): Promise<RenderedJob> {
  const state = (defaults: DataMap): Promise<DataMap> => Promise.resolve(defaults);
  return await renderJobTemplates(job(fields), { realm, at: AT, state, ...more });
}

const shown = ({ fields }: RenderedJob): unknown =>
  fields.map(({ path, result }) => [path.join("."), result]);

test("every field of a job is rendered in the order of the worker, actions with samples of results", async () => {
  const rendered = await render(
    {
      payload: `echo "{{ globals.word | upper }}" '{{ vars.v }}'`,
      parameters: {
        args: [3, "{{ ustart.isoformat() }}"],
        vars: { v: "a b" },
        env: { A: "{{ 1 + 1 }}" },
      },
      enabled: "{{ state['x/y'] == 1 }}",
      event_log: { n: "{{ job.run_id }}" },
      state: { "x/y": 1 },
      on_success: [{ action: "log", message: "{{ result.output[0].stdout }}" }],
    },
    { globals: { word: "hi" } },
  );

  expect(shown(rendered)).toEqual([
    ["event_log", { n: PREVIEW_RUN_ID }],
    ["enabled", "True"],
    ["payload", ["echo", "HI", "a b"]],
    ["parameters.args", ["3", "2026-11-23T07:47:15+00:00"]],
    ["parameters.env", { A: "2" }],
    ["on_success.0.message", "s3://<temp>/stdout"],
    ["realm.on_fail.0.message", "a/b: <error>"],
  ]);
  expect(rendered.fields.flatMap(({ issues }) => issues)).toEqual([]);
  expect(rendered.context).toMatchObject({
    ustart: "2026-11-23T07:47:15+00:00",
    state: { "x/y": 1 },
  });
});

test("a message that is a map is rendered as its JSON text, as it is sent", async () => {
  const message = { id: "{{ job.job_id }}", n: 1 };

  const rendered = await render({ on_success: [{ action: "sqs", queue: "q", message }] });

  expect(rendered.fields.find(({ method }) => method === "text-or-json")?.result).toBe(
    '{"id": "a/b", "n": 1}',
  );
});

test("`jinja: false` leaves the fields of the type alone", async () => {
  const rendered = await render({ payload: "echo {{ x }}", parameters: { jinja: false } });

  expect(shown(rendered)).toEqual([["realm.on_fail.0.message", "a/b: <error>"]]);
});

test("undefined names and faults are issues with field, line and column", async () => {
  const rendered = await render({
    payload: "echo one\n{{nope}} {{nope.x}}",
    event_log: { a: ["{{ globals.gone }}"] },
  });

  const issues = rendered.fields.flatMap((field) => field.issues);
  expect(issues).toMatchObject([
    {
      code: "undefined_name",
      path: ["event_log", "a", 0],
      message: "'dict object' has no attribute 'gone'",
    },
    { code: "template_error", path: ["payload"], line: 2, message: "'nope' is undefined" },
  ]);
  expect(rendered.fields.find(({ path }) => path[0] === "payload")).not.toHaveProperty("result");
});

test("names are looked for where nothing prints them, and in branches that are not taken", async () => {
  const rendered = await render({
    payload: "echo '{% if globals.mode == 1 %}{{ vars.other }}{% endif %}' '{{ vars.v | d(1) }}'",
    parameters: { vars: { v: 1 } },
  });

  expect(rendered.fields[0]?.issues).toMatchObject([
    { code: "undefined_name", path: ["payload"], message: "'dict object' has no attribute 'mode'" },
    {
      code: "undefined_name",
      path: ["payload"],
      message: "'dict object' has no attribute 'other'",
    },
  ]);
});

test("a field sees the results that the table lets it see (db_from_s3)", async () => {
  const parameters = {
    bucket: "b-{{ vars.env }}",
    key: "in/{{ vars.env }}.csv",
    table: "{{ key.split('/')[1] }}",
    schema: "{{ bucket }}",
    db_conn_id: "db",
    mode: "append",
    vars: { env: "dev" },
  };

  const rendered = await render({ type: "db_from_s3", parameters });

  expect(shown(rendered)).toEqual([
    ["parameters.bucket", "b-dev"],
    ["parameters.key", "in/dev.csv"],
    ["parameters.table", "dev.csv"],
    ["parameters.schema", "b-dev"],
    ["realm.on_fail.0.message", "a/b: <error>"],
  ]);
});

test("a redshift_unload is rendered once for each relation, of its options PARTITION only", async () => {
  const parameters = {
    args: ["CSV", "PARTITION BY ({{ relation }}_day)"],
    bucket: "b",
    conn_id: "c",
    key: "{{ schema }}/{{ relation }}/",
    relation: ["x", "y"],
    schema: "s",
    s3_conn_id: "z",
  };

  const rendered = await render({ type: "redshift_unload", parameters });

  expect(shown(rendered)).toEqual([
    ["parameters.key", "s/x/"],
    ["parameters.args.1", "PARTITION BY (x_day)"],
    ["parameters.key", "s/y/"],
    ["parameters.args.1", "PARTITION BY (y_day)"],
    ["realm.on_fail.0.message", "a/b: <error>"],
  ]);
});

describe("children", () => {
  const jobs: Readonly<Record<string, DataMap>> = {
    "c/1": { job_id: "c/1", payload: "echo '{{ globals.x }}' '{{ globals.lava.parent_job_id }}'" },
    "c/2": { job_id: "c/2", type: "chain", payload: "c/1" },
    "c/3": { job_id: "c/3", payload: "echo '{{ job.parameters.args[0] }}'" },
  };
  const findJob = async (id: string) => jobs[id] && job(jobs[id]);

  test.each<[DataMap, unknown]>([
    [{ type: "chain", payload: "1,2", parameters: { job_prefix: "c/" } }, "a/b"],
    [{ type: "dag", payload: { "c/2": "c/1" } }, "c/2"],
    [
      {
        type: "foreach",
        payload: "c/1",
        parameters: { foreach: { type: "inline", values: [{ x: 5 }] } },
      },
      "a/b",
    ],
  ])("of %o are rendered with what the parent hands on", async (fields) => {
    const rendered = await render({ ...fields, globals: { x: 5 } }, { findJob });

    const [child] = rendered.children;
    const first = child?.job_id === "c/2" ? child.children[0] : child;
    expect(first?.fields[0]?.result).toEqual([
      "echo",
      "5",
      expect.stringMatching(/^(?:a\/b|c\/2)$/),
    ]);
  });

  test("of a dispatch get its rendered parameters", async () => {
    const parameters = { parameters: { args: ["{{ 1 + 1 }}"] } };

    const rendered = await render({ type: "dispatch", payload: "c/3", parameters }, { findJob });

    expect(rendered.children[0]?.fields[0]?.result).toEqual(["echo", "2"]);
  });

  test("that are not there, or contain their parent, are told", async () => {
    const self = async (id: string) => (id === "a/b" ? job({}) : undefined);

    const rendered = await render({ type: "chain", payload: "no,a/b" }, { findJob: self });

    expect(rendered.issues.map(({ message }) => message)).toEqual([
      "no: No such job",
      "a/b: contains itself",
    ]);
  });
});

test("payload files are rendered whole (sqlv) or by statement (sql), with includes of their neighbours", async () => {
  const files = [
    { name: "a.sql", text: "select {{ vars.n }};\nselect {{ nope }};" },
    { name: "b.sql", text: "{% include 'a.sql' %}" },
  ];
  const payloadFiles = async (): Promise<typeof files> => files;
  const parameters = { conn_id: "c", vars: { n: 7 } };

  const sql = await render({ type: "sql", payload: "a.sql", parameters }, { payloadFiles });
  const sqlv = await render({ type: "sqlv", payload: "b.sql", parameters }, { payloadFiles });

  expect(sql.fields[0]?.result).toEqual(["select 7;", "select ;"]);
  expect(sql.fields[0]?.issues).toMatchObject([
    { file: "a.sql", line: 2, message: "'nope' is undefined" },
  ]);
  expect(sqlv.fields[1]?.result).toBe("select 7;\nselect ;");
});
