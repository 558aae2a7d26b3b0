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
import { sharepoint_get_multi_doc } from "./sharepoint_get_multi_doc.ts";
import { sharepoint_put_doc } from "./sharepoint_put_doc.ts";

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
  test("are stored with a title, and fetched, names rendered", async () => {
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

  test("go from S3 and to S3", async () => {
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

  test("of one folder are fetched by a glob in any case (JOB-sharepoint_get_multi_doc-02, 03)", async () => {
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
  ])("%s fails for %o", async (type, parameters, message) => {
    const { error } = await run(type, parameters);

    expect(error).toMatchObject({ message: expect.stringContaining(message) });
  });
});
