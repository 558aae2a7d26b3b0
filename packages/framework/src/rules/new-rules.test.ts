import { expect, test } from "vitest";
import { testConfig, testProject } from "../../test/test-project.ts";
import { checkProject } from "../check.ts";

const head = "description: d\nowner: o\nenabled: true\n";
const job = (id: string, more = ""): string =>
  `job_id: app/test/${id}\n${head}worker: core\ntype: cmd\npayload: echo\n${more}`;
const trigger = (id: string, prefix: string, more = ""): string =>
  `trigger_id: app/test/${id}\n${head}bucket: some-bucket\nprefix: ${prefix}\njob_id: app/test/a\n${more}`;

async function codes(files: Record<string, string>, config = '{"cookiecutter": {}}') {
  using project = testProject({ "lava-jobs/a.yaml": job("a"), ".config.json": config, ...files });
  const { issues } = await checkProject(await project.open(), { lint: false });
  return issues.map(({ severity, file, line, code, message }) => ({
    text: `${severity} ${file}:${line} ${code}`,
    message,
  }));
}

test("schedules that cannot be read are errors, one that never comes about a warning", async () => {
  const found = await codes({
    "lava-jobs/a.yaml": job("a", "dispatcher: main\nschedule: 0 6 31 2 *\n"),
    "lava-jobs/b.yaml": job(
      "b",
      'dispatcher: main\nschedule: [{crontab: "* * * * *", to: "2020-01-01"}]\n',
    ),
    "lava-jobs/c.yaml": job("c", "dispatcher: main\nschedule: [0 6 * * *, 0 26 * * *]\n"),
    "lava-jobs/d.yaml": job("d", "dispatcher: main\nschedule: 0 6 * * *\nx-lava-zone: Mars/Base\n"),
    "lava-jobs/e.yaml": job("e", "dispatcher: main\nschedule: 0 6 * * *\n"),
    "lava-jobs/f.yaml": job(
      "f",
      'dispatcher: main\nschedule:\n- 0 6 * * *\n- 0 0 31 2 *\n- {crontab: 0 6 * * *, from: "2026-01-01", to: "2026-01-01"}\n',
    ),
  });
  expect(found.map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      "warning lava-jobs/a.yaml:9 never_fires",
      "warning lava-jobs/b.yaml:9 never_fires",
      "error lava-jobs/c.yaml:9 bad_schedule",
      "error lava-jobs/d.yaml:9 bad_schedule",
      "warning lava-jobs/f.yaml:11 never_fires",
      "warning lava-jobs/f.yaml:12 never_fires",
    ]),
  );
  expect(found.filter(({ text }) => text.includes("e.yaml"))).toEqual([]);
});

test("times that are not of ISO 8601 are guessed, and warned of; what is no time is an error (T-55)", async () => {
  const found = await codes({
    "lava-jobs/b.yaml": job(
      "b",
      'dispatcher: main\nschedule: {crontab: "* * * * *", from: "10/11/2024"}\n',
    ),
    "lava-jobs/c.yaml": job(
      "c",
      'dispatcher: main\nschedule:\n- {crontab: "* * * * *", from: "2024-10-11T10:00"}\n- {crontab: "* * * * *", to: next week}\n',
    ),
  });
  expect(found).toEqual(
    expect.arrayContaining([
      {
        text: "warning lava-jobs/b.yaml:9 guessed_time",
        message: expect.stringContaining('"10/11/2024" is no ISO 8601 time'),
      },
      {
        text: "error lava-jobs/c.yaml:11 bad_schedule",
        message: expect.stringContaining('Bad "to": "next week" is not a time'),
      },
    ]),
  );
});

test("items that no table can keep are errors, with the field that makes them so", async () => {
  const found = await codes({
    "lava-jobs/a.yaml": `${job("a")}globals:\n  text: ${"x".repeat(420_000)}\n`,
    "lava-jobs/b.yaml": `${job("b")}globals:\n  text: ${"x".repeat(390_000)}\n`,
  });
  expect(found).toEqual([
    {
      text: "error lava-jobs/a.yaml:8 item_too_large",
      message: expect.stringMatching(/^job app\/test\/a is too large: .* of it in globals; /),
    },
  ]);
});

test("triggers of which one object starts a job twice", async () => {
  const found = await codes({
    "lava-triggers/a.yaml": trigger("a", "in/data"),
    "lava-triggers/b.yaml": trigger("b", "in/data/day"),
    "lava-triggers/c.yaml": trigger("c", "in/database"),
    "lava-triggers/d.yaml": trigger("d", "in/data", 'if_fnmatch: "*.csv"\n'),
    "lava-triggers/e.yaml": trigger("e", "in/data").replace("true", "false"),
  });
  expect(found).toEqual([
    {
      text: "warning lava-triggers/b.yaml:6 overlapping_triggers",
      message: expect.stringContaining("app/test/a"),
    },
  ]);
});

test("what the original's checks of tables find is found in a project: metadata, insecure unloads, templates", async () => {
  const found = await codes({
    "lava-jobs/a.yaml": job("a").replace("owner: o\n", ""),
    "lava-jobs/b.yaml": job(
      "b",
      'globals: {day: mon}\nparameters:\n  vars: {a: "{{ globals.day }} {{ globals.dya }} {{ strat }}"}\n',
    ),
    "lava-jobs/c.yaml": job("c", 'parameters:\n  vars: {a: "{{ start.strftime( }}"}\n'),
  });
  expect(found.map(({ text, message }) => `${text}: ${message}`)).toEqual([
    "warning lava-jobs/a.yaml:1 missing_metadata: job app/test/a has no owner",
    "warning lava-jobs/b.yaml:10 job_template: 'dict object' has no attribute 'dya'",
    "warning lava-jobs/b.yaml:10 job_template: 'strat' is undefined",
    expect.stringMatching(/^warning lava-jobs\/c\.yaml:9 job_template: /),
  ]);
});

test("keys of environments agree: missing ones, other shapes, entries of lists of maps; patterns take keys out (FW-269..271)", async () => {
  const more = (text: string): string => testConfig() + text;
  const files = {
    "config/dev.yaml": more("extra: {a: 1}\nhosts: [{name: x, port: 1}]\nsame: 1\nlocal: {x: 1}\n"),
    "config/uat.yaml": more("extra: 5\nhosts: [{name: y}]\nsame: [1]\n"),
  };
  const found = await codes(files);
  expect(found.map(({ text, message }) => `${text}: ${message}`)).toEqual([
    "error config/uat.yaml:undefined config_misaligned: local is missing here; config/dev.yaml has it",
    "error config/uat.yaml:15 config_misaligned: extra is a value here, and a map in config/dev.yaml",
    "error config/uat.yaml:16 config_misaligned: hosts[].port is missing here; config/dev.yaml has it",
  ]);

  const ignoring =
    '{"cookiecutter": {}, "lava": {"ignore_config_keys": ["extra*", "hosts*", "local*"]}}';
  expect(await codes(files, ignoring)).toEqual([]);
  const warned = await codes(files, '{"cookiecutter": {"config_checks": "warning"}}');
  expect(new Set(warned.map(({ text }) => text.split(" ")[0]))).toEqual(new Set(["warning"]));
  expect(await codes(files, '{"cookiecutter": {"config_checks": ""}}')).toEqual([]);
  expect((await codes({ "config/uat.yaml": "" })).map(({ text }) => text)).toEqual([
    expect.stringContaining("error config/uat.yaml"),
  ]);
});
