import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type DataMap, isMap } from "@lava/core";
import { openRealm } from "@lava/realm";
import {
  emulatedAws,
  emulatedRealm,
  startDockerd,
  startDockerRegistry,
  type EmulatedAws,
  type TestDockerd,
} from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { buildProject } from "../src/build/build.ts";
import { sameData, withoutTracking } from "../src/deploy/compare.ts";
import { deployPlan } from "../src/deploy/deploy.ts";
import { latestImage } from "../src/deploy/images/registry.ts";
import { planDeployment } from "../src/deploy/plan.ts";
import { tableOf } from "../src/deploy/tables.ts";
import { uninstallPlan } from "../src/deploy/uninstall.ts";
import { openProject } from "../src/project.ts";
import { fixedClock } from "./test-project.ts";
import { unzip } from "./unzip.ts";
import { writeWheel } from "./wheel.ts";

/** The fixture has every type of job and connection; its items are recorded from the original's tools. */
const FIXTURE = join(import.meta.dirname, "fixtures/original-project");
const HEAD = 'owner: "<{ owner }>"\nenabled: true\nworker: "<{ worker.main }>"\ndescription: d\n';
const job = (id: string, rest: string): string =>
  `job_id: "<{ prefix.job }>/${id}"\n${HEAD}${rest}`;

/** What the recorded part leaves out: payloads that other programs make, every action, foreach and condition. */
const MORE: Readonly<Record<string, string>> = {
  "lava-payloads/report.ipynb": JSON.stringify({
    nbformat: 4,
    metadata: { language_info: { name: "python" } },
    cells: [
      { cell_type: "markdown", source: ["# Report"] },
      { cell_type: "code", source: ["print('<{ env }>')\n"], outputs: [], metadata: {} },
    ],
  }),
  "lava-payloads/tools.docker/Dockerfile": "FROM base\nCOPY . /lava/\nENV WHERE=<{ env }>\n",
  "lava-payloads/tools.docker/run.sh": "#!/bin/sh\ncat /lava/env/place\n",
  "lava-payloads/tools.docker/env/place": "<{ lava.realm.realm }>\n",
  "lava-payloads/deps.pkg/run.py": "#!/usr/bin/env python3\nimport one\n",
  "lava-payloads/deps.pkg/requirements.txt": "one\n",
  "lava-jobs/_dags/nightly.csv": ",cmd,exe\nexe,x,\nlog,x,x\n",
  "lava-jobs/dag_csv.yaml": job(
    "dag_csv",
    "type: dag\npayload: <{ lava.dag('_dags/nightly.csv', prefix=prefix.job + '/') }>\n",
  ),
  "lava-jobs/notebook.yaml": job(
    "notebook",
    "type: exe\npayload: <{ prefix.payload }>/report.py\n",
  ),
  "lava-jobs/deps.yaml": job(
    "deps",
    "type: pkg\npayload: <{ prefix.payload }>/deps.zip\nparameters: {command: run.py}\n",
  ),
  "lava-jobs/tools.yaml": job(
    "tools",
    "type: docker\npayload: <{ prefix.docker_repo }>/tools\nparameters: {command: run.sh}\n",
  ),
  "lava-jobs/actions.yaml": job(
    "actions",
    `type: cmd
payload: "true"
on_success:
  - {action: dispatch, job_id: "<{ prefix.job }>/log", delay: 1m, parameters: {vars: {a: 1}}}
  - {action: email, to: a@example.com, subject: done, message: "{{ job.job_id }}"}
  - {action: event, detail: {job: "{{ job.job_id }}"}, source: samples}
  - {action: log, message: done}
  - {action: slack, slack_conn: "<{ prefix.job }>/slack", message: done}
  - {action: sns, topic: "arn:aws:sns:us-east-1:123456789012:t", message: done}
  - {action: sqs, queue: q, message: done, delay: 10s}
  - {action: state, state_id: samples/last, value: "{{ utctime() }}", ttl: 1d}
`,
  ),
  ...Object.fromEntries(
    Object.entries({
      range: "{type: range, stop: 10, step: 2, name: n}",
      csv: '{type: csv, filename: "s3://b/list.csv"}',
      jsonl: '{type: jsonl, filename: "s3://b/list.jsonl"}',
      query: '{type: query, conn_id: "<{ prefix.job }>/postgres", query: select 1}',
      s3list: '{type: s3list, bucket: b, prefix: in/, glob: ["*.csv"]}',
    }).map(([type, source]) => [
      `lava-jobs/foreach_${type}.yaml`,
      job(
        `foreach_${type}`,
        `type: foreach\npayload: <{ prefix.job }>/cmd\nparameters: {foreach: ${source}}\n`,
      ),
    ]),
  ),
  "lava-triggers/conditions.yaml": `trigger_id: "<{ prefix.s3trigger }>/conditions"
description: d
owner: "<{ owner }>"
enabled: true
bucket: landing
prefix: in/*
job_id: "<{ prefix.job }>/log"
if_fnmatch: ["*.csv", "*.gz"]
if_not_fnmatch: "*tmp*"
if_size_gt: 0
if_not_size_gt: 10G
if_event_type: "ObjectCreated:*"
if_not_event_type: "*:Copy"
parameters: {args: ["{{ bucket }}/{{ key }}"]}
`,
  "lava-rules/pattern.yaml": `rule_id: "<{ prefix.rule }>.pattern"
description: d
owner: "<{ owner }>"
enabled: true
event_pattern: {source: [aws.s3], detail-type: ["Object Created"], detail: {object: {size: [{numeric: [">", 0]}]}}}
targets:
  - Id: dispatch
    Arn: arn:aws:sqs:us-east-1:123456789012:lava-<{ realm }>-core
    InputTransformer:
      InputPathsMap: {key: "$.detail.object.key"}
      InputTemplate: '{"job_id": "<{ prefix.job }>/log", "globals": {"key": "<key>"}}'
`,
};

const stack = new AsyncDisposableStack();
const folder = mkdtempSync(join(tmpdir(), "lava-samples-"));
let aws: EmulatedAws;
let dockerd: TestDockerd;
let environ: Record<string, string>;
const by = { user: "tester", host: "test-host" };

beforeAll(async () => {
  stack.defer(() => rmSync(folder, { recursive: true }));
  cpSync(FIXTURE, folder, { recursive: true, verbatimSymlinks: true });
  for (const [path, text] of Object.entries(MORE)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const wheels = join(folder, ".wheels");
  mkdirSync(wheels);
  await writeWheel(wheels, "one");
  dockerd = stack.use(await startDockerd(process.env));
  const registry = stack.use(await startDockerRegistry(process.env));
  await dockerd.importImage("base");
  const { host, password } = registry;
  aws = stack.use(await emulatedAws({ registry: { endpoint: `http://${host}`, password } }));
  environ = {
    ...{ PATH: process.env["PATH"] ?? "", HOME: folder, ...dockerd.env },
    ...{ PIP_NO_INDEX: "1", PIP_FIND_LINKS: wheels, PIP_CONFIG_FILE: "/dev/null" },
  };
}, 90_000);
afterAll(() => stack.disposeAsync());

const recorded = z.object({
  items: z.record(z.string(), z.record(z.string(), z.unknown()).nullable()),
});

describe.each(["dev", "uat"])("the samples in environment %s", (env) => {
  test("build, deploy, are there as the original puts them, and go (FW-299 to FW-301, FW-162)", async () => {
    const record: DataMap = JSON.parse(readFileSync(join(folder, `realm/${env}.json`), "utf8")).lava
      .realm;
    await using _emulated = await emulatedRealm({
      ...{ name: env, record, aws, workers: ["core", `core-${env}`] },
    });
    const realm = await openRealm(env, { clients: aws.clients, env: {} });
    const project = await openProject(folder, { clock: fixedClock, environ });
    const build = () =>
      buildProject(project, {
        env,
        realmInfo: { record: realm.record.raw, workers: ["core", `core-${env}`] },
      });

    const built = await build();
    const plan = await planDeployment(built, realm);
    const { ok, steps } = await deployPlan(plan, realm, { by, environ });

    expect(steps.filter(({ outcome }) => outcome !== "done")).toEqual([]);
    expect(ok).toBe(true);
    expect(steps).toHaveLength(
      built.items.filter(({ data }) => data !== null).length + built.payloads.length + 1,
    );
    // Every item that the original's tools made of the fixture is in its table, number for number.
    const { items } = recorded.parse(
      JSON.parse(readFileSync(join(folder, `expected/${env}.json`), "utf8")),
    );
    for (const { kind, id = "", output, data } of built.items) {
      if (data === null) continue;
      const stored = await tableOf(realm, kind).getItem(id);
      expect([output, stored !== undefined]).toEqual([output, true]);
      if (kind === "rule" || stored === undefined) continue;
      expect([output, sameData(withoutTracking(stored), withoutTracking(data))]).toEqual([
        output,
        true,
      ]);
      expect(stored["x-lava-project"]).toBe(project.id);
    }
    expect(
      Object.keys(items).every((name) => built.items.some(({ output }) => output === name)),
    ).toBe(true);
    expect(new Set((await realm.jobs.listItems()).map(({ type }) => type)).size).toBe(23);
    expect((await realm.jobs.getItem("app/samples/dag_csv"))?.["payload"]).toEqual({
      "app/samples/exe": ["app/samples/cmd"],
      "app/samples/log": ["app/samples/cmd", "app/samples/exe"],
    });
    const sources = (await realm.jobs.listItems()).flatMap(({ parameters = null }) =>
      isMap(parameters) && isMap(parameters["foreach"]) ? [parameters["foreach"]["type"]] : [],
    );
    expect(sources.toSorted()).toEqual(["csv", "inline", "jsonl", "query", "range", "s3list"]);

    // And the payloads, of every kind.
    const names = (await realm.payloads.list("app/samples/")).map(({ name }) => name.slice(12));
    expect(names).toEqual([
      "bundle.zip",
      "deps.zip",
      "files.raw/.keep",
      "files.rsc/deep/list.txt",
      "hello.sh",
      "report.py",
      "select.sql",
      "tool.py",
    ]);
    expect(new TextDecoder().decode(await realm.payloads.get("app/samples/report.py"))).toContain(
      "print(",
    );
    const content = await unzip(join(built.dist, "lava-payloads/deps.zip"));
    expect(Object.keys(content)).toEqual(expect.arrayContaining(["one.py", "run.py"]));
    const repository = `lava/${env}/samples/tools`;
    expect((await latestImage(realm, repository))?.tags).toContain("latest");
    expect(await dockerd.docker("run", "--rm", repository, "cat", "/lava/env/place")).toBe(env);

    const again = await planDeployment(await build(), realm);
    expect([again.items, again.payloads, again.images]).toEqual([[], [], undefined]);
    await deployPlan(await uninstallPlan(project, env, realm), realm, { by, environ });
    expect([
      await realm.jobs.listItems(),
      await realm.connections.listItems(),
      await realm.s3triggers.listItems(),
      await realm.payloads.list("app/samples/"),
      await latestImage(realm, repository),
    ]).toEqual([[], [], [], [], undefined]);
  }, 60_000);
});
