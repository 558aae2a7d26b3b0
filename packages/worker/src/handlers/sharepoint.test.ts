import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { openS3Object } from "@lava/connectors";
import type { DataMap } from "@lava/core";
import {
  emulatedRealm,
  type EmulatedRealm,
  type SharePointDouble,
  startSharePointDouble,
} from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runHandler } from "../../test/handler-context.ts";
import { sharepoint_get_doc } from "./sharepoint_get_doc.ts";
import { sharepoint_get_list } from "./sharepoint_get_list.ts";
import { sharepoint_get_multi_doc } from "./sharepoint_get_multi_doc.ts";
import { sharepoint_put_doc } from "./sharepoint_put_doc.ts";
import { sharepoint_put_list } from "./sharepoint_put_list.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-sp-job-"));
let double: SharePointDouble;
let emulated: EmulatedRealm;
beforeAll(async () => {
  double = await startSharePointDouble();
  emulated = await emulatedRealm({
    connections: [
      {
        conn_id: "sp",
        type: "sharepoint",
        org_base_url: "x.sharepoint.example",
        site_name: "data",
        tenant: "x.org",
        client_id: "app",
        client_secret: "/s",
        login_url: double.loginUrl,
        graph_url: double.graphUrl,
      },
    ],
    payloads: { "in.txt": "from S3" },
  });
});
afterAll(async () => {
  await emulated[Symbol.asyncDispose]();
  await double[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const handlers = { sharepoint_get_doc, sharepoint_get_multi_doc, sharepoint_put_doc };

/** A clock that does not wait. */
const waits: number[] = [];
const clock = {
  now: () => Date.now(),
  sleep: async (ms: number) => void waits.push(ms / 1000),
};

function listRun(type: "put" | "get", parameters: DataMap) {
  const { realm } = emulated;
  const secrets = { ...realm.secrets, parameter: async () => double.clientSecret };
  const given = {
    payload: null,
    parameters: { conn_id: "sp", list: "People", ...parameters },
    realm: { ...realm, secrets, clock: { ...realm.clock, ...clock } },
  };
  return type === "put"
    ? runHandler(sharepoint_put_list, given)
    : runHandler(sharepoint_get_list, given);
}

function run(type: keyof typeof handlers, parameters: DataMap) {
  const { realm } = emulated;
  const secrets = { ...realm.secrets, parameter: async () => double.clientSecret };
  const given = {
    payload: null,
    parameters: { conn_id: "sp", library: "Documents", ...parameters },
    realm: { ...realm, secrets },
  };
  switch (type) {
    case "sharepoint_get_doc":
      return runHandler(sharepoint_get_doc, given);
    case "sharepoint_put_doc":
      return runHandler(sharepoint_put_doc, given);
    case "sharepoint_get_multi_doc":
      return runHandler(sharepoint_get_multi_doc, given);
  }
}

describe("documents of SharePoint", () => {
  test("are stored with a title, and fetched, names rendered (JOB-sharepoint_get_doc-01, JOB-sharepoint_put_doc-01)", async () => {
    writeFileSync(join(folder, "a.txt"), "content");
    const put = await run("sharepoint_put_doc", {
      path: "/{{ vars.name }}.txt",
      file: "a.txt",
      basedir: folder,
      title: "Title of {{ vars.name }}",
      vars: { name: "b" },
    });
    const file = join(folder, "back.txt");
    const get = await run("sharepoint_get_doc", { path: "/b.txt", file });

    expect(put.error).toBeUndefined();
    expect(put.result).toEqual({
      exit_status: 0,
      source: "a.txt",
      destination: "/b.txt",
      library: "Documents",
    });
    expect(get.result).toEqual({
      exit_status: 0,
      title: "Title of b",
      source: "/b.txt",
      destination: file,
      library: "Documents",
    });
    expect(readFileSync(file, "utf8")).toBe("content");
  });

  test("go from S3 and to S3 (JOB-sharepoint_get_doc-02)", async () => {
    const { bucket, realm } = emulated;
    await run("sharepoint_put_doc", {
      path: "/s3.txt",
      file: `${realm.record.s3_payloads}/in.txt`,
    });
    const { result } = await run("sharepoint_get_doc", {
      path: "/s3.txt",
      file: `s3://${bucket}/out.txt`,
    });
    const { body } = await openS3Object(realm.clients, { bucket, key: "out.txt" });

    expect(result).toMatchObject({ title: null });
    expect(await text(body)).toBe("from S3");
  });

  test("of one folder are fetched by a glob in any case (JOB-sharepoint_get_multi_doc-01 to 03)", async () => {
    writeFileSync(join(folder, "m"), "m");
    const file = join(folder, "m");
    for (const name of ["A.CSV", "b.csv", "c.txt"]) {
      await run("sharepoint_put_doc", { path: `/m-${name}`, file });
    }
    const local = await run("sharepoint_get_multi_doc", {
      path: "/",
      glob: "M-*.csv",
      outpath: "out",
      basedir: folder,
    });
    const prefix = `s3://${emulated.bucket}/pre-`;
    const s3 = await run("sharepoint_get_multi_doc", { path: "/", glob: "*.TXT", outpath: prefix });

    expect(local.result).toEqual({
      exit_status: 0,
      files: ["m-A.CSV", "m-b.csv"],
      source: "/",
      destination: "out",
      library: "Documents",
    });
    expect(readFileSync(join(folder, "out/m-b.csv"), "utf8")).toBe("m");
    expect(s3.result).toMatchObject({ files: expect.arrayContaining(["m-c.txt"]) });
    const { body } = await openS3Object(emulated.realm.clients, {
      bucket: emulated.bucket,
      key: "pre-m-c.txt",
    });
    expect(await text(body)).toBe("m");
  });

  test.each<[keyof typeof handlers, DataMap, string]>([
    ["sharepoint_get_doc", { path: "a", file: "x" }, "a: Absolute path required"],
    ["sharepoint_get_doc", { path: "/none", file: "x" }, "/Documents/none: No such file"],
    ["sharepoint_put_doc", { path: "/a", file: "/none" }, "No such file or directory: '/none'"],
    [
      "sharepoint_get_doc",
      { path: "/a", file: "x", library: "No" },
      'Unable to find SharePoint documentLibrary "No"',
    ],
    [
      "sharepoint_get_multi_doc",
      { path: "/zz", outpath: "x" },
      'Path "/zz" in Sharepoint documentLibrary "Documents" does not exist',
    ],
    [
      "sharepoint_get_multi_doc",
      { path: "/b.txt", outpath: "x" },
      'Path "/b.txt" in Sharepoint documentLibrary "Documents" is not a folder',
    ],
  ])("%s fails for %o (JOB-sharepoint_get_doc-03)", async (type, parameters, message) => {
    const { error } = await run(type, parameters);

    expect(error).toMatchObject({ message: expect.stringContaining(message) });
  });
});

describe("lists of SharePoint", () => {
  const csv = (name: string, ...lines: string[]): string => {
    const file = join(folder, name);
    writeFileSync(file, lines.map((line) => `${line}\r\n`).join(""));
    return file;
  };
  const rows = () => [...double.rows.values()];

  test("take rows: empty cells are left out, booleans read by their first letter (JOB-sharepoint_put_list-01)", async () => {
    const file = csv("new.csv", "title|SIZE|active|odd", "a|1|Yes|x", "b||n|x", '"c|d"|2||x');
    const { result, error } = await listRun("put", { file });

    expect(error).toBeUndefined();
    expect(result).toEqual({ exit_status: 0, row_count: 3, source: file, destination: "People" });
    expect(rows()).toEqual([
      { Title: "a", Size: "1", Active: true },
      { Title: "b", Active: false },
      { Title: "c|d", Size: "2" },
    ]);
  });

  test("are written as CSV, with the columns that are asked for (JOB-sharepoint_get_list-01, 02)", async () => {
    const file = join(folder, "list.csv");
    const { result } = await listRun("get", { file });

    expect(result).toEqual({
      exit_status: 0,
      row_count: 4,
      rows: 3,
      source: "People",
      destination: file,
    });
    expect(readFileSync(file, "utf8")).toBe(
      'Title|Size|Active|Boss|BossLookupId\r\na|1|True||\r\nb||False||\r\n"c|d"|2|||\r\n',
    );
    const some = { data_columns: " size,TITLE,none", system_columns: "id,created", header: false };
    await listRun("get", { file, ...some, delimiter: ",", quoting: "all" });
    expect(readFileSync(file, "utf8")).toBe(
      '"1","a","1",""\r\n"","b","2",""\r\n"2","c|d","3",""\r\n',
    );
  });

  test("are updated, emptied cells included, deleted from, and replaced (JOB-sharepoint_put_list-02, 03)", async () => {
    await listRun("put", {
      file: csv("u.csv", "ID|Title|Size", "1|new|", "99|gone|1"),
      mode: "update",
    });
    expect(rows()[0]).toEqual({ Title: "new", Size: null, Active: true });
    await listRun("put", { file: csv("d.csv", "id", "2"), mode: "delete" });
    expect(rows().length).toBe(2);
    const lines = Array.from({ length: 45 }, (_, index) => `row ${index}`);
    const { result } = await listRun("put", {
      file: csv("r.csv", "Title", ...lines),
      mode: "replace",
    });
    expect(result).toMatchObject({ row_count: 45 });
    expect(rows().map(({ Title: title }) => title)).toEqual(lines);
    expect(double.calls.filter((call) => call.endsWith("$batch")).length).toBeGreaterThanOrEqual(7);
  });

  test("write throttled rows again, and fail for those that are refused, by their numbers (JOB-sharepoint_put_list-04)", async () => {
    waits.length = 0;
    double.script(
      { call: /BATCH POST/, answer: { status: 429, headers: { "Retry-After": "3" } } },
      { call: /BATCH POST/, answer: { status: 400 } },
    );
    const { error } = await listRun("put", { file: csv("t.csv", "Title", "x", "y", "z") });

    expect(waits).toEqual([3 + 10 + 15]);
    expect(error).toMatchObject({
      code: "SHAREPOINT_ROWS_FAILED",
      message: 'Unable to write to list "People" as mode "append": rows 2: Status 400: scripted',
      data: { exit_status: 1, row_count: 3, failed_rows: [2] },
    });
    expect(rows().slice(-2)).toEqual([{ Title: "z" }, { Title: "x" }]);
  });

  test.each<[DataMap, readonly string[], string]>([
    [{}, ["Size", "1"], "Missing required column: {'title'} must be present in header"],
    [{ mode: "update" }, ["Title", "a"], "Missing column: Mode update requires ID column"],
    [
      { error_missing: true },
      ["Title|odd", "a|b"],
      "Columns present in file but not in SharePoint list: ['odd']",
    ],
    [{ list: "Old" }, ["Title", "a"], 'Unable to find SharePoint list "Old"'],
  ])("refuse %o of %o (JOB-sharepoint_put_list-02)", async (parameters, lines, message) => {
    const { error } = await listRun("put", { file: csv("bad.csv", ...lines), ...parameters });

    expect(error).toMatchObject({ message: expect.stringContaining(message) });
  });
});
