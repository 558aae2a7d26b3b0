import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CreateKeyCommand } from "@aws-sdk/client-kms";
import { emulatedRealm, type EmulatedRealm } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CliResult, runCli } from "./cli.ts";

const CONFIG = `realm: t
description: d
owner: o
prefix: { job: t, payload: t, s3trigger: t, docker_repo: lava/t, rule: lava.t }
docker: { base_img: img, platform: host }
day: "23"
`;
const HEAD = "description: d\nowner: o\nworker: core\nenabled: true\n";

let folder: string;

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-render-test-"));
  await write({
    "config/dev.yaml": CONFIG,
    "lava-jobs/echo.yaml": `job_id: <{ prefix.job }>/echo\n${HEAD}type: cmd
payload: echo "{{ globals.word | upper }}" <{ day }>
globals: { word: hello, n: 7 }
state: { "t/last": none }
parameters:
  args:
    - "{{ start.strftime('%Y-%m-%d') }}"
    - "{{ globals.n / 3 }}"
    - "{{ state['t/last'] }}"
  env: { A: "{{ utils.uuid() }}" }
on_fail:
  - { action: log, message: "{{ job.job_id }}: {{ result.error }}" }
`,
    "lava-jobs/bad.yaml": `job_id: t/bad\n${HEAD}type: cmd
payload: echo "{{ globals.gone }}"
parameters:
  args:
    - fine
    - "{{ nope.x }}"
`,
    "lava-jobs/rows.yaml": `job_id: t/rows\n${HEAD}type: sqlv\npayload: t/rows.sql\nparameters: { conn_id: db, vars: { n: 3 } }\n`,
    "lava-payloads/rows.sql": "select {{ vars.n }}, <{ day }>;\n",
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const render = (...args: string[]): Promise<CliResult> =>
  runCli(["render", ...args], { cwd: folder });

describe("lava render of a project", () => {
  test("shows every template with its result, the same each time", async () => {
    const args = ["t/echo", "-e", "dev", "--at", "2026-11-23T18:00:00", "--json"];

    const [first, second] = [await render(...args), await render(...args)];

    expect(first.status, first.stderr).toBe(0);
    expect(second.stdout).toBe(first.stdout);
    const { templates, context, ...rest } = JSON.parse(first.stdout);
    expect(rest).toEqual({
      job_id: "t/echo",
      type: "cmd",
      run_id: "00000000-0000-4000-8000-000000000000",
      issues: [],
      children: [],
    });
    expect(Object.keys(context)).toEqual(["job", "realm", "globals", "start", "ustart", "state"]);
    expect(templates).toMatchObject([
      { field: "payload", method: "words", names: ["vars"], result: ["echo", "HELLO", "23"] },
      // Numbers of specs are decimals, as the table gives them back.
      {
        field: "parameters.args",
        result: ["2026-11-23", "2.333333333333333333333333333", "none"],
      },
      { field: "parameters.env", result: { A: "00000000-0000-4000-8000-000000000001" } },
      { field: "on_fail[0].message", names: ["result"], result: "t/echo: <error>" },
    ]);
  });

  test("takes parameters, globals and state of the command line", async () => {
    const { stdout } = await render(
      ...["t/echo", "-e", "dev", "-g", "word=bye", "-p", "env.B={{ 1 + 1 }}", "-s", "t/last=4"],
      ...["--parameters", '{"args": ["{{ state[\'t/last\'] }}"]}', "--json"],
    );

    expect(JSON.parse(stdout).templates).toMatchObject([
      { field: "payload", result: ["echo", "BYE", "23"] },
      { field: "parameters.args", result: ["4"] },
      { field: "parameters.env", result: { B: "2" } },
      { field: "on_fail[0].message" },
    ]);
  });

  test("prints text for people", async () => {
    const { stdout } = await render("t/echo", "-e", "dev", "--at", "2026-11-23T18:00:00");

    expect(stdout).toContain(
      'payload (words)\n  template: echo "{{ globals.word | upper }}" 23\n  result:   [ "echo", "HELLO", "23" ]\n',
    );
  });

  test("--check tells undefined names with file, line and field, and ends with 1", async () => {
    const one = await render("--check", "t/bad", "-e", "dev");
    const all = await render("--check", "-e", "dev", "--json");
    const good = await render("--check", "t/echo", "-e", "dev");

    expect(one.status).toBe(1);
    expect(one.stderr).toMatch(
      /error: lava-jobs\/bad\.yaml:7:1: payload: 'dict object' has no attribute 'gone' \(line 1, column \d+ of the field\)\n/,
    );
    expect(one.stderr).toMatch(
      /error: lava-jobs\/bad\.yaml:11:7: parameters\.args\[1\]: 'nope' is undefined \(line 1, column \d+ of the field\)\n/,
    );
    expect(one.stdout).toBe("1 job: 2 faults\n");
    expect(JSON.parse(all.stdout)).toMatchObject({ ok: false, checked: 3 });
    expect(all.status).toBe(1);
    expect(good).toMatchObject({ status: 0, stdout: "1 job: 0 faults\n" });
  });

  test("payload files that are templates are rendered too", async () => {
    const { stdout } = await render("t/rows", "-e", "dev", "--json");

    expect(JSON.parse(stdout).templates).toMatchObject([
      { field: "payload.rows.sql", method: "files", result: "select 3, 23;" },
    ]);
  });

  test("a job that is not there, no job, and a bad time are clear failures", async () => {
    expect(await render("echo", "-e", "dev")).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /echo: No such job in t \[NO_SUCH_JOB\]\nhint: Did you mean t\/echo\?/,
      ),
    });
    expect(await render("-e", "dev")).toMatchObject({ status: 2 });
    expect(await render("t/echo")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("hint: Give --env NAME for the project"),
    });
    expect(await render("t/echo", "-e", "dev", "--at", "teatime")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("--at: not a time: teatime"),
    });
  });
});

describe("lava render of a realm", () => {
  let emulated: EmulatedRealm;
  beforeAll(async () => {
    emulated = await emulatedRealm({
      jobs: [
        {
          job_id: "a",
          payload:
            "echo '{{ state.s }}' '{{ state.secret }}' '{{ realm.realm }}' '{{ globals.x }}'",
          state: { s: "default", secret: "none" },
        },
        { job_id: "c", type: "chain", payload: "a", globals: { x: 1 } },
        { job_id: "q", type: "sql", payload: "q.sql", parameters: { conn_id: "db" } },
      ],
      state: { s: "stored" },
      payloads: { "q.sql": "select '{{ job.job_id }}'; select 2;" },
    });
  });
  afterAll(() => emulated[Symbol.asyncDispose]());

  const inRealm = (...args: string[]): Promise<CliResult> =>
    runCli(["render", ...args], { cwd: tmpdir(), env: emulated.environment });

  test("uses its record, its state and its jobs", async () => {
    const { stdout, stderr } = await inRealm("c", "--json");

    const { name } = emulated.realm;
    expect(stderr).toBe("");
    expect(JSON.parse(stdout).children[0].templates[0].result).toEqual([
      "echo",
      "stored",
      "none",
      name,
      "1",
    ]);
  });

  test("shows which secret stands somewhere, never the secret", async () => {
    const kms = await emulated.aws.clients.kms();
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    await emulated.realm.state.put("secret", "hunter2", {
      type: "secure",
      kms_key: KeyMetadata?.Arn ?? "",
    });

    const { stdout } = await inRealm("a", "--json");

    expect(stdout).toContain("<secure state secret>");
    expect(stdout).not.toContain("hunter2");
  });

  test("reads payload files from its payload area", async () => {
    const { stdout } = await inRealm("q", "--json");

    expect(JSON.parse(stdout).templates).toMatchObject([
      { field: "payload.q.sql", result: ["select 'q';", "select 2;"] },
    ]);
  });

  test("--check judges a job by what its parent hands on, and tells the job with a fault", async () => {
    expect(await inRealm("--check", "c")).toMatchObject({ status: 0 });
    expect(await inRealm("--check")).toMatchObject({ status: 0, stdout: "3 jobs: 0 faults\n" });
    expect(await inRealm("--check", "a")).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error: a: .*payload: 'dict object' has no attribute 'x'\n$/),
    });
  });
});
