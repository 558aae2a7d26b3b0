import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { buildProject } from "../src/build/build.ts";
import { checkProject } from "../src/check.ts";
import { openProject } from "../src/project.ts";
import { fixedClock } from "./test-project.ts";
import { unzip } from "./unzip.ts";

/** A project as the original lays it out, with every kind of spec; `expected` is what the original's tools made. */
const FIXTURE = join(import.meta.dirname, "fixtures/original-project");

const folder = mkdtempSync(join(tmpdir(), "lava-original-"));
cpSync(FIXTURE, folder, { recursive: true, verbatimSymlinks: true });
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The original makes a comment of the first line that is included within a comment (FW-093). */
const BEYOND: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "lava-jobs/load/customers/load.json": { "x-included": "by load/customers/load.yaml" },
  "lava-jobs/load/orders/load.json": { "x-included": "by load/orders/load.yaml" },
};

const recorded = z.object({
  items: z.record(z.string(), z.record(z.string(), z.unknown()).nullable()),
  texts: z.record(z.string(), z.string()),
});

function read(path: string): unknown {
  return JSON.parse(readFileSync(join(folder, path), "utf8"));
}

const realmOf = z.object({
  lava: z.object({ realm: z.record(z.string(), z.string()) }),
});

describe.each(["dev", "uat"])("a project of the original in environment %s", (env) => {
  const expected = recorded.parse(read(`expected/${env}.json`));
  const record = realmOf.parse(read(`realm/${env}.json`)).lava.realm;
  const build = async () => {
    const project = await openProject(folder, { clock: fixedClock, environ: {} });
    return buildProject(project, { env, realmInfo: { record } });
  };

  test("has the items that the original makes, checksum and all (FW-002, FW-099, FW-299, FW-300)", async () => {
    const { items } = await build();

    const own = Object.fromEntries(items.map(({ output, data }) => [output, data]));
    expect(Object.keys(own).sort()).toEqual(Object.keys(expected.items).sort());
    for (const [output, item] of Object.entries(expected.items)) {
      const { data = null } = items.find((built) => built.output === output) ?? {};
      const plain: unknown = data === null ? null : read(`dist/${env}/${output}`);
      const tracked = /^x-lava-(?!chk$)/;
      const bare =
        typeof plain === "object" && plain !== null
          ? Object.fromEntries(Object.entries(plain).filter(([key]) => !tracked.test(key)))
          : null;
      const wanted = item === null ? null : { ...item, ...BEYOND[output] };
      expect([output, bare]).toEqual([output, wanted]);
    }
  });

  test("has every type of job and connection, a rule and a trigger (FW-300, FW-301)", async () => {
    const { items, warnings } = await build();

    const types = (kind: string) =>
      new Set(items.filter((item) => item.kind === kind).map(({ data }) => data?.["type"]));
    expect(types("job").size).toBe(23);
    expect(types("connection").size).toBe(28);
    expect(items.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["rule", "s3trigger"]));
    expect(warnings.filter(({ code }) => code !== "unused_payload")).toEqual([]);
  });

  test("has the rendered texts that the original makes (FW-168, FW-175, FW-205, FW-218)", async () => {
    const { payloads } = await build();

    expect(payloads.map(({ name }) => name)).toEqual([
      "bundle.zip",
      "files.raw/.keep",
      "files.rsc/deep/list.txt",
      "hello.sh",
      "select.sql",
      "tool.py",
    ]);
    for (const [path, text] of Object.entries(expected.texts)) {
      const [file = "", entry] = path.split(" ");
      const full = join(folder, "dist", env, file);
      const built =
        entry === undefined ? readFileSync(full, "utf8") : (await unzip(full))[entry]?.text;
      expect([path, built]).toEqual([path, text]);
    }
  });
});

test("a project of the original checks: nothing in it is wrong but what its own lint forbids", async () => {
  const project = await openProject(folder, { clock: fixedClock, environ: {} });

  const realmInfo = Object.fromEntries(
    ["dev", "uat"].map((env) => [
      env,
      { record: realmOf.parse(read(`realm/${env}.json`)).lava.realm },
    ]),
  );
  const { issues } = await checkProject(project, { realmInfo, lint: true });

  const errors = issues.filter(({ severity }) => severity === "error");
  expect(errors.map(({ code, file }) => [code, file])).toEqual([
    ["yaml_octal_values", "config/dev.yaml"],
    ["yaml_octal_values", "config/uat.yaml"],
  ]);
});
