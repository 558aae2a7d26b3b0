import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { DecimalValue } from "@lava/core";
import { emulatedRealm, type EmulatedRealm } from "@lava/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { resolveAlias } from "../src/aliases.ts";
import { type CliResult, runCli } from "./cli.ts";

let emulated: EmulatedRealm;
let folder: string;

/** The original's command, as its own program would run it. */
async function original(name: string, ...words: string[]): Promise<CliResult> {
  const alias = resolveAlias(name, words);
  return await runCli(alias?.argv ?? words, { cwd: folder, env: emulated.environment });
}

beforeAll(async () => {
  emulated = await emulatedRealm({
    jobs: [
      { job_id: "app/Demo/job 1", description: "d", owner: "o", payload: "echo {{ globals.day }}" },
      {
        job_id: "app.demo.job-1",
        owner: "o",
        payload: "x",
        "x-lava-nocheck": ["jobjinja", "joborphan"],
      },
      {
        job_id: "unload",
        type: "redshift_unload",
        parameters: { insecure: true },
        description: "d",
        owner: "o",
        "x-lava-git-repo": "r",
      },
      { job_id: "chain", type: "chain", payload: "unload, nowhere", description: "d", owner: "o" },
    ],
    connections: [{ conn_id: "db", type: "sqlite3", owner: "o", host: "x", port: 0 }],
    s3triggers: [
      { trigger_id: "t", bucket: "b", prefix: "a/", job_id: "gone", owner: "o", description: "d" },
    ],
  });
});
afterAll(async () => {
  await emulated[Symbol.asyncDispose]();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lava-tables-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("lava-check", () => {
  test("lists its checks without -c, and needs no realm for that (CLI-044)", async () => {
    const { status, stdout } = await runCli(["realm", "check"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^conmeta: +Connections with missing metadata/m);
    expect(stdout).toMatch(/^trigslash: +/m);
  });

  test("prints a table for each check with findings, sorted, with owners (CLI-045 to CLI-052)", async () => {
    const { status, stdout } = await original(
      "lava-check",
      "--level",
      "debug",
      "-c",
      "*meta",
      "-c",
      "jobrsu",
      "-c",
      "jobrepo",
      "-c",
      "trig*",
    );
    expect(status).toBe(0);
    expect(stdout).toContain(
      "# conmeta: Connections with missing metadata (e.g. description, owner).\n\n| ID | Owner | Details",
    );
    expect(stdout).toMatch(/\| db +\| o +\| Missing: description \|/);
    expect(stdout).toMatch(/\| app\.demo\.job-1 +\| o +\| Missing: description \|/);
    expect(stdout).toMatch(/# jobrsu: .*\n\n.*\n.*\n\| unload +\| o/);
    expect(stdout).not.toContain("# trigmeta");
    expect(stdout).toMatch(/\| t +\| o +\| Prefix: a\/ +\|/);
    expect(stdout.indexOf("# conmeta")).toBeLessThan(stdout.indexOf("# jobmeta"));
  });

  test("x-lava-nocheck suppresses, -S does not heed it; dangling references and undeclared globals are found (CLI-047, CLI-048, CLI-053)", async () => {
    const checks = ["-c", "jobjinja", "-c", "joborphan", "-c", "jobrefs", "-c", "trigrefs"];
    const { stdout } = await original("lava-check", ...checks);
    expect(stdout).toContain("Undeclared globals: day");
    expect(stdout).not.toContain("app.demo.job-1");
    expect(stdout).toContain("No such job: nowhere");
    expect(stdout).toContain("No such job: gone");
    expect((await original("lava-check", "-S", ...checks)).stdout).toContain("app.demo.job-1");
    expect((await original("lava-check", ...checks, "--exit-code")).status).toBe(3);
  });

  test("a pattern that fits no check fails (CLI-045)", async () => {
    const { status, stderr } = await original("lava-check", "-c", "nothing*");
    expect(status).toBe(1);
    expect(stderr).toContain("No matching check types: nothing*");
  });
});

describe("lava-dump", () => {
  test("writes one file for each entry; keys that would share one do not (CLI-094 to CLI-101)", async () => {
    const { stdout } = await original("lava-dump", "-d", "out");
    const files = readdirSync(join(folder, "out"));
    expect(files).toHaveLength(4);
    expect(files.filter((name) => /^app\.demo\.job-1-[\da-f]{8}\.json$/.test(name))).toHaveLength(
      2,
    );
    expect(stdout).toMatch(/^chain --> .*\/out\/chain\.json$/m);
    expect(JSON.parse(readFileSync(join(folder, "out/chain.json"), "utf8"))).toMatchObject({
      job_id: "chain",
    });
    expect(readFileSync(join(folder, "out/chain.json"), "utf8")).toMatch(/^ {4}"description"/m);
  });

  test("patterns, their opposite, YAML and other tables; an unclear table is refused (CLI-022, CLI-023)", async () => {
    expect((await original("lava-dump", "-q", "-y", "-i", "-n", "APP*", "unload")).stdout).toBe("");
    expect(readdirSync(folder)).toEqual(["chain.yaml"]);
    await original("lava-dump", "-t", "CONN", "-q");
    await original("lava-dump", "-t", "r", "-q");
    expect(readdirSync(folder).sort()).toEqual(
      ["chain.yaml", "db.json", `${emulated.realm.name}.json`].sort(),
    );
    expect((await original("lava-dump", "-t", "")).status).toBe(2);
  });
});

describe("lava-checksum", () => {
  test("adds, checks and updates, after it kept what was there (CLI-054 to CLI-063)", async () => {
    const run = (...words: string[]) => original("lava-checksum", ...words);
    expect((await run("check")).stdout).toBe("");
    expect((await run("-v", "check", "chain")).stdout).toBe("chain: WARNING : No checksum\n");
    expect((await run("add", "-d", "chain")).stdout).toBe(
      "chain: NOTICE : Checksum would be added\n",
    );
    expect(readdirSync(folder)).toEqual([]);

    expect((await run("add", "chain", "unload")).stdout).toBe(
      "chain: NOTICE : Checksum added\nunload: NOTICE : Checksum added\n",
    );
    const [zip = ""] = readdirSync(folder);
    expect(zip).toMatch(/^lava\..*\.jobs-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\.zip$/);
    expect(
      execFileSync("python3", ["-m", "zipfile", "-l", join(folder, zip)]).toString(),
    ).toContain("chain.json");
    const item = await emulated.realm.jobs.getItem("chain");
    expect(item?.["x-lava-chk"]).toMatch(/^1;LC;sha256;[\da-f]{64}$/);
    expect((await run("-vv", "check", "chain")).stdout).toBe("chain: INFO : OK\n");

    await emulated.realm.jobs.put({ ...item, description: "changed" });
    const bad = await run("--exit-code", "-f", "md", "check");
    expect(bad.status).toBe(3);
    expect(bad.stdout).toContain("| chain  | ERROR    | Invalid checksum |");
    expect((await run("-f", "html", "check")).stdout).toContain(
      '<tr class="result-error"><td>chain</td>',
    );
    expect((await run("update")).stdout).toBe("chain: NOTICE : Checksum updated\n");
    expect((await run("--hash-algorithm", "md5", "-vv", "update", "chain")).stdout).toContain(
      "Checksum different but OK",
    );
    expect((await run("--hash-algorithm", "md5", "update", "--force", "chain")).stdout).toContain(
      "updated",
    );
    expect((await run("--hash-algorithm", "shake_128", "check")).status).toBe(2);
  });
});

describe("lava-schema", () => {
  test("checks files and tables, prints what fails, and with -v what passes (CLI-130 to CLI-136)", async () => {
    writeFileSync(
      join(folder, "a.json"),
      JSON.stringify({ job_id: "a", type: "cmd", worker: "w", payload: "x", timeot: 1 }),
    );
    writeFileSync(join(folder, "b.yaml"), "job_id: b\ntype: cmd\nworker: w\npayload: x\n");
    writeFileSync(join(folder, "c.yaml"), "null\n");
    const { status, stdout } = await original("lava-schema", "-v", "a.json", "b.yaml", "c.yaml");
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /a\.json: Failed\n {2}1\. \w+ \$\.timeot: .*\nb\.yaml: OK\nc\.yaml: Skipped/,
    );
    expect((await original("lava-schema", "-d", "un*", "--exit-code")).status).toBe(3);
    expect((await original("lava-schema", "none.json")).status).toBe(1);
  });
});

describe("lava-dag-gen", () => {
  test("makes dags of a matrix, compact, wrapped, prefixed, in batches; names cycles (CLI-072 to CLI-080)", async () => {
    writeFileSync(join(folder, "d.csv"), ",a,b,c\nb,x,,\nc,x,x,\na,,,\n");
    const run = async (...words: string[]) => (await original("lava-dag-gen", ...words)).stdout;
    expect(JSON.parse(await run("d.csv"))).toEqual({ a: [], b: ["a"], c: ["a", "b"] });
    expect(JSON.parse(await run("-c", "-p", "x/", "-w", "payload", "d.csv"))).toEqual({
      payload: { "x/b": "x/a", "x/c": ["x/a", "x/b"] },
    });
    expect(await run("-y", "d.csv")).toBe("a: []\nb:\n  - a\nc:\n  - a\n  - b\n");
    expect(await run("-o", "-p", "x/", "d.csv")).toBe(
      "Batch 1\n  - x/a\nBatch 2\n  - x/b\nBatch 3\n  - x/c\n",
    );
    writeFileSync(join(folder, "cycle.csv"), ",a,b\na,,x\nb,x,\n");
    const { status, stderr } = await original("lava-dag-gen", "cycle.csv");
    expect(status).toBe(1);
    expect(stderr).toContain("Nodes are in a cycle: ");
  });

  test("reads a database connection of the realm, which has to be named (CLI-073, CLI-075, CLI-081)", async () => {
    const file = join(folder, "x.sqlite");
    const { DatabaseSync } = await import("node:sqlite");
    const db = new DatabaseSync(file);
    db.exec(
      "create table dag (job_group text, job text, depends_on text); insert into dag values ('g', 'b', 'a'), ('g', 'b', null), ('h', 'c', null)",
    );
    db.close();
    await emulated.realm.connections.put({
      conn_id: "dags",
      type: "sqlite3",
      enabled: true,
      host: file,
      port: 0,
    });
    expect(JSON.parse((await original("lava-dag-gen", "dags", "-g", "g")).stdout)).toEqual({
      b: ["a"],
    });
    const rendered = await runCli(["jinja"], {
      cwd: folder,
      env: emulated.environment,
      stdin: Readable.from(["{{ lava.dag('dags', group='g', compact=true) }}"]),
    });
    expect(rendered, rendered.stderr).toMatchObject({ status: 0 });
    expect(JSON.parse(rendered.stdout)).toEqual({ b: "a" });
    const { status, stderr } = await runCli(["dag-gen", "dags"], { cwd: folder });
    expect([status, stderr]).toEqual(
      [2, expect.stringContaining("Realm must be specified for lava connections")].map((one, at) =>
        at === 0 ? 1 : one,
      ),
    );
  });
});

describe("other commands of the original", () => {
  test("lava-item prints specs from samples (FW-303, CLI-214, CLI-215)", async () => {
    const { stdout } = await original(
      "lava-item",
      "-C",
      "job",
      "exe",
      "-p",
      "name=load",
      "-P",
      "text",
    );
    expect(stdout).toContain('job_id: "<{ prefix.job }>/load"\ndescription: text\n');
    expect(JSON.parse((await original("lava-item", "-j", "conn", "sqlite3")).stdout)).toMatchObject(
      { type: "sqlite3" },
    );
  });

  test("lava-state puts maps and texts and gets them through templates (CLI-166 to CLI-170)", async () => {
    const run = (...words: string[]) => original("lava-state", ...words);
    expect((await run("put", "-p", "a=1", "-p", "b=x y", "my/state")).status).toBe(0);
    expect((await run("get", "my/state", "{{ s.a }}-{{ state.b }}")).stdout).toBe("1-x y\n");
    await run("put", "-v", "text", "my/state");
    expect((await run("get", "my/state")).stdout).toBe("text\n");
    expect((await run("get", "none")).status).toBe(1);
    expect(await run("get", "-i", "none")).toMatchObject({ status: 0, stdout: "\n" });
    expect(() => resolveAlias("lava-state", ["put", "-p", "a=1", "-v", "x", "id"])).toThrow(
      "exclude",
    );
    expect(() => resolveAlias("lava-state", ["get", "lava/x"])).toThrow("reserved");
  });

  test("lava-events prints records, oldest first, the newest N of them (CLI-110 to CLI-114)", async () => {
    const { realm } = emulated;
    const ids = ["run-0", "run-1", "run-2"];
    const origin = { worker: "core", hostname: "h" };
    for (const [at, run_id] of ids.entries()) {
      const time = Date.now() - 60_000 + at * 1000;
      await realm.events.append(
        { job_id: "unload", run_id },
        { status: "complete", time },
        { origin },
      );
    }
    const { stdout, stderr } = await original(
      "lava-events",
      "-r",
      realm.name,
      "-f",
      "json",
      "-e",
      "2",
      "unload",
    );
    const found = [...stdout.matchAll(/"run_id": "(.*)"/g)].map(([, id]) => id);
    expect(stderr).toBe("");
    expect(found).toEqual(ids.slice(1));
    expect((await original("lava-events", "unload", ids[0] ?? "")).stdout).toContain(ids[0]);
    expect((await original("lava-events", "nothing")).stdout).toBe("");
  });

  test("lava-version compares as PEP 440 has it (CLI-181, CLI-182)", async () => {
    expect((await original("lava-version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const status = async (...words: string[]) => (await original("lava-version", ...words)).status;
    expect(await status("--ge", "8.2.0")).toBe(0);
    expect(await status("--ge", "9.0.0rc1")).toBe(0);
    expect(await status("--ge", "10")).toBe(1);
    expect(await status("--eq", "9.0")).toBe(0);
    expect(await status("--eq", "x")).toBe(2);
  });
});

test("checks say by status 3 that they found something, where they are asked to (CLI-026, CLI-043)", async () => {
  writeFileSync(join(folder, "bad.json"), '{"job_id": "a"}');
  for (const [name, ...words] of [
    ["lava-schema", "bad.json"],
    ["lava-check", "-c", "jobrepo"],
  ] as const) {
    expect([name, (await original(name, ...words)).status]).toEqual([name, 0]);
    expect([name, (await original(name, "--exit-code", ...words)).status]).toEqual([name, 3]);
  }
});

test("the table of realms needs no realm; only algorithms of one length are offered (CLI-064, CLI-066)", async () => {
  const env = { ...emulated.environment, LAVA_REALM: undefined };
  const checked = await runCli(["checksum", "-t", "realms", "-vv", "check"], { cwd: folder, env });
  expect(checked, checked.stderr).toMatchObject({
    status: 0,
    stdout: expect.stringContaining(emulated.realm.name),
  });
  const bad = await runCli(["checksum", "--hash-algorithm", "shake_128", "check"], {
    cwd: folder,
    env: emulated.environment,
  });
  expect(bad.status).toBe(2);
});

test("sets, bytes and long numbers are dumped without a loss (CLI-102)", async () => {
  await emulated.realm.state.put("x", 1);
  await emulated.realm.jobs.put({
    job_id: "odd",
    type: "cmd",
    worker: "core",
    enabled: true,
    bytes: new Uint8Array([1, 2]),
    long: new DecimalValue("12345678901234567890.25"),
  });
  const { status } = await original("lava-dump", "-r", emulated.realm.name, "odd");
  expect(status).toBe(0);
  const text = readFileSync(join(folder, "odd.json"), "utf8");
  expect(text).toContain('"long": 12345678901234567890.25');
  expect(text).toContain('"$bytes": "AQI="');
  await emulated.realm.jobs.delete("odd");
});

test("a spec from a sample is written into the project (CLI-217)", async () => {
  await runCli(
    [
      "new",
      "p",
      "--no-input",
      ...["realm=t", "owner=o", "description=d"].flatMap((word) => ["-p", word]),
    ],
    {
      cwd: folder,
    },
  );
  const cwd = join(folder, "p");
  const words = ["item", "job", "exe", "-P", "x", "--out", "my/job"];
  expect(await runCli(words, { cwd })).toMatchObject({
    status: 0,
    stdout: `${join(cwd, "lava-jobs/my/job.yaml")}\n`,
  });
  expect(readFileSync(join(cwd, "lava-jobs/my/job.yaml"), "utf8")).toContain("type: exe");
  expect(await runCli(words, { cwd })).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("[ALREADY_EXISTS]"),
  });
});

test("entries of a table become specs of a project, with its marks (FW-133, CLI-103)", async () => {
  const { realm } = emulated;
  const given = ["realm", realm.name, "owner", "me", "description", "d", "job_prefix", "app/Demo"];
  const words = given.flatMap((word, at) =>
    at % 2 === 0 ? ["-p", `${word}=${given[at + 1]}`] : [],
  );
  await runCli(["new", "p", "--no-input", ...words], { cwd: folder });
  const cwd = join(folder, "p");
  const dumped = await runCli(["dump", "--project", "dev", "app/Demo/*"], {
    cwd,
    env: emulated.environment,
  });
  expect(dumped.stderr).toBe("");
  const text = readFileSync(join(cwd, "lava-jobs/app.demo.job-1.yaml"), "utf8");
  expect(text).toContain("<{ prefix.job }>/job 1");
  expect(text).not.toContain("x-lava-");
  expect(
    (await runCli(["dump", "--project", "dev", "app/Demo/*"], { cwd, env: emulated.environment }))
      .status,
  ).toBe(1);
});

describe("lava-item at a terminal", () => {
  async function answering(lines: readonly string[], ...words: string[]): Promise<CliResult> {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    stdin.end(lines.map((line) => `${line}\n`).join(""));
    return await runCli(["item", ...words], { cwd: folder, stdin });
  }

  test("asks for a type that is missing until it is one, then for values (CLI-214)", async () => {
    const { status, stdout, stderr } = await answering(
      ["sq", "nothing", "", "chai", "mine", "what it is", "a, b"],
      "job",
    );
    expect(status).toBe(0);
    expect(stdout).toContain('job_id: "<{ prefix.job }>/mine"\ndescription: what it is\n');
    expect(stdout).toContain('type: chain\npayload: "a, b"\n');
    expect(stderr).toContain("sq may be sql, sqlc, sqli, sqlv.\n");
    expect(stderr).toContain("nothing is no type. ");
  });

  test("has samples of the user's own, with their questions and marks (CLI-215, CLI-216)", async () => {
    mkdirSync(join(folder, "own/job"), { recursive: true });
    const put = (name: string, text: string): void =>
      writeFileSync(join(folder, "own/job", name), text);
    put(
      "__common__.yaml",
      "#- for writers\n#= name: The name\n## Said of it\njob_id: <{ prefix.job }>/{{ name }}\n",
    );
    put("nightly.yaml", "#= what: What to run\ntype: cmd\npayload: {{ what | upper }} # always\n");
    const path = ["-t", "none:own"];
    const asked = await answering(["n", "load", "true"], "job", ...path);
    expect(asked).toMatchObject({
      status: 0,
      stdout: "## Said of it\njob_id: <{ prefix.job }>/load\ntype: cmd\npayload: TRUE # always\n",
      stderr: "Type of the job: The name (name): What to run (what): ",
    });
    const env = { LAVA_TEMPLATE_PATH: join(folder, "own") };
    const words = ["item", "-j", "j", "nightly", "-p", "name=a"];
    const whole = await runCli([...words, "-P", "b"], { cwd: folder, env });
    expect(JSON.parse(whole.stdout)).toEqual({
      job_id: "<{ prefix.job }>/a",
      payload: "B",
      type: "cmd",
    });
    // Lava's own where the folders have none of the kind; nobody to ask where there is no terminal.
    expect((await runCli(["item", "conn", "git"], { cwd: folder, env })).stdout).toContain("git");
    expect(await runCli(words, { cwd: folder, env, stdin: Readable.from([]) })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("what has no value: What to run"),
    });
  });

  test.each([
    ["#= whta: x\na: {{ what }}\n", "the question whta is asked, but its answer is used nowhere"],
    ["a: {{ what }}\n", "what is used, but no line `#= what: prompt` asks for it"],
  ])(
    "refuses a sample that asks for one thing and uses another: %j (CLI-216)",
    async (text, fault) => {
      mkdirSync(join(folder, "own/job"), { recursive: true });
      writeFileSync(join(folder, "own/job/__common__.yaml"), text);
      const words = ["item", "job", "-P", "x", "-t", join(folder, "own")];
      expect(await runCli(words, { cwd: folder })).toMatchObject({
        status: 2,
        stderr: expect.stringContaining(fault),
      });
    },
  );
});
