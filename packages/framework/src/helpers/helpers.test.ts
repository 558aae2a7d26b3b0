import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { emulatedAws } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testProject } from "../../test/test-project.ts";
import { buildProject } from "../build/build.ts";

const HEAD = "description: d\nowner: o\nenabled: true\nworker: core\n";
const job = (text: string): string => `job_id: app/test/a\n${HEAD}${text}`;
const dagJob = (payload: string): string => job(`type: dag\npayload: ${payload}\n`);
const MATRIX = ',one,two,three\none,,,\ntwo,x,,\n"three",1," y ",x\n , , \nfour\n';
const DAG = {
  "d/four": [],
  "d/one": [],
  "d/three": ["d/one", "d/two"],
  "d/two": ["d/one"],
};
/** The other jobs of the dag are not part of these projects. */
const options = { validation: "warn" } as const;

describe("lava.dag", () => {
  test("makes the payload of a dag from a CSV file beside the spec or in the project, with nothing installed for it (FW-209, FW-216, CLI-074)", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": dagJob("<{ lava.dag('dags/d.csv', prefix='d/') }>"),
      "dags/d.csv": MATRIX,
    });

    const { items } = await files.build("dev", options);

    expect(items[0]?.data?.["payload"]).toEqual(DAG);
  });

  test("in quotes is a map all the same (FW-213); flags are options too (FW-214)", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": dagJob(`"<{ lava.dag('d.csv', compact=true) }>"`),
      "lava-jobs/d.csv": MATRIX,
    });

    const { items } = await files.build("dev", options);

    expect(items[0]?.data?.["payload"]).toEqual({ four: null, three: ["one", "two"], two: "one" });
  });

  test("reads a table of an SQLite database, with its group", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": dagJob("<{ lava.dag('d.sqlite3', group='g', table='deps') }>"),
    });
    const database = new DatabaseSync(join(files.dir, "lava-jobs/d.sqlite3"));
    database.exec(
      "CREATE TABLE deps (job_group, job, depends_on); INSERT INTO deps VALUES ('g', 'b', 'a'), ('g', 'a', NULL), ('h', 'x', 'y')",
    );
    database.close();

    const { items } = await files.build("dev", options);

    expect(items[0]?.data?.["payload"]).toEqual({ a: [], b: ["a"] });
  });

  test("is built again when its file has changed (FW-215)", async () => {
    using files = testProject({
      "lava-jobs/_dag.jinja": "payload: <{ lava.dag('d.csv') }>\n",
      "lava-jobs/a.yaml": `${job("type: dag\n")}# <% include '_dag.jinja' %>\n`,
      "lava-jobs/d.csv": ",a\nb,x\n",
    });
    await files.build("dev", options);
    files.write("lava-jobs/d.csv", ",a\nc,x\n");

    const { items, built } = await files.build("dev", options);

    expect(built).toEqual(["lava-jobs/a.json"]);
    expect(items[0]?.data?.["payload"]).toEqual({ c: ["a"] });
  });

  test("reads a database connection, anew with each build; what the database refuses is told (FW-074, FW-209, FW-210, FW-211, FW-215, CLI-081)", async () => {
    using files = testProject({
      "lava-jobs/_dag.jinja": "payload: <{ lava.dag('app/db', group='g', realm='other') }>\n",
      "lava-jobs/a.yaml": `${job("type: dag\n")}# <% include '_dag.jinja' %>\n`,
      "lava-jobs/b.yaml": job("type: cmd\npayload: echo\n").replace("test/a", "test/b"),
    });
    let rows: Record<string, unknown>[] = [{ job: "b", depends_on: "a" }];
    const asked: string[][] = [];
    const sql = {
      async query(...question: string[]) {
        asked.push(question);
        if (rows.length === 0) throw new Error("no such table: dag");
        return rows;
      },
    };
    const build = async () =>
      await buildProject(await files.open({}, { sql }), { env: "dev", ...options });

    expect((await build()).items[0]?.data?.["payload"]).toEqual({ b: ["a"] });
    expect(asked).toEqual([
      ["other", "app/db", "SELECT job, depends_on FROM dag WHERE job_group = 'g'"],
    ]);
    rows = [{ job: "c", depends_on: null }];
    const again = await build();
    expect(again.built).toEqual(["lava-jobs/a.json"]);
    expect(again.items[0]?.data?.["payload"]).toEqual({ c: [] });
    rows = [];
    await expect(build()).rejects.toMatchObject({
      issues: [{ message: expect.stringContaining("app/db: no such table: dag") }],
    });
  });

  test.each([
    ["lava.dag('no.csv')", "no.csv: No such file"],
    ["lava.dag('../../x.csv')", "../../x.csv: No such file"],
    ["lava.dag('my-conn')", "my-conn: neither a .csv, .xlsx, .sqlite or .sqlite3 file, nor"],
    ["lava.dag('cycle.csv')", "cycle.csv: Nodes are in a cycle: a, b, a"],
    ["lava.dag('empty.csv')", "empty.csv: DAG is empty"],
    ["lava.dag('cycle.csv', order=true)", "lava.dag has no option order (it has compact, group"],
  ])("%s fails at its place", async (call, message) => {
    using files = testProject({
      "lava-jobs/a.yaml": dagJob(`<{ ${call} }>`),
      "lava-jobs/cycle.csv": ",a,b\na,,x\nb,x,\n",
      "lava-jobs/empty.csv": ",a\n",
    });

    await expect(files.build("dev")).rejects.toMatchObject({
      issues: [{ file: "lava-jobs/a.yaml", line: 7, message: expect.stringContaining(message) }],
    });
  });
});

describe("lava.aws", () => {
  let aws: Awaited<ReturnType<typeof emulatedAws>>;
  beforeAll(async () => {
    aws = await emulatedAws();
  });
  afterAll(() => aws[Symbol.asyncDispose]());

  const SQL =
    "<{ lava.aws.account }>|<{ lava.aws.region }>|<{ lava.aws.user }>|<{ lava.aws.ecr_uri }>|<{ lava.aws.arn('sqs-queue', 'q') }>|<{ lava.aws.arn('iam-role', 'r') }>\n";

  test("asks AWS when a template wants to know (FW-070..073)", async () => {
    using files = testProject({ "misc/x.sql": SQL });

    await files.build("dev", {}, { ...aws.environment });

    const [account, region, user, ecr, queue, role] = files.read("dist/dev/misc/x.sql").split("|");
    expect(account).toMatch(/^\d{12}$/);
    expect(region).toBe(aws.environment["AWS_REGION"]);
    expect(user).not.toBe("");
    expect(ecr).toBe(`${account}.dkr.ecr.${region}.amazonaws.com`);
    expect(queue).toBe(`arn:aws:sqs:${region}:${account}:q`);
    expect(role).toBe(`arn:aws:iam::${account}:role/r\n`);
  });

  test("is not asked by templates that do not use it", async () => {
    using files = testProject({ "misc/x.sql": "<{ lava.realm is defined }>\n" });

    await files.build("dev");

    expect(files.read("dist/dev/misc/x.sql")).toBe("False\n");
  });

  test("that cannot be asked is a fault at the place of the question", async () => {
    using files = testProject({
      "misc/x.sql": "one\n<{ lava.aws.account }>\n",
      "misc/y.sql": "<{ lava.aws.arn('s3', 'b') }>\n",
    });

    await expect(files.build("dev")).rejects.toMatchObject({
      issues: [
        {
          file: "misc/x.sql",
          line: 2,
          message: expect.stringMatching(/^AWS cannot be asked for the account: /),
        },
        { file: "misc/y.sql", line: 1 },
      ],
    });
    await expect(files.build("dev", {}, { ...aws.environment })).rejects.toMatchObject({
      issues: [{ file: "misc/y.sql", message: expect.stringContaining("Unknown service: s3") }],
    });
  });
});
