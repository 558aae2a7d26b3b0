import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import type { DataMap } from "@lava/core";
import { type SharePointDouble, startSharePointDouble } from "@lava/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { checkConnection, connect, connectCli } from "../src/index.ts";
import { fakeRealm } from "./fake-realm.ts";
import { filesConformance } from "./files-conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-sharepoint-"));
let double: SharePointDouble;
beforeAll(async () => {
  double = await startSharePointDouble();
});
afterAll(async () => {
  await double[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const waits: number[] = [];
let now = Date.now();
beforeEach(() => {
  waits.length = 0;
});

/** A realm whose clock does not wait, and notes how long it should have. */
function realmWith(fields: DataMap = {}) {
  const record = {
    type: "sharepoint",
    enabled: true,
    org_base_url: "x.sharepoint.example",
    site_name: "data",
    tenant: "x.org",
    client_id: "app",
    client_secret: "/sp/secret",
    user: double.user,
    password: "/sp/password",
    login_url: double.loginUrl,
    graph_url: double.graphUrl,
  };
  const realm = fakeRealm({
    connections: { sp: { ...record, ...fields } },
    parameters: {
      "/sp/secret": double.clientSecret,
      "/sp/password": double.password,
      "/w": "wrong",
    },
  });
  const clock = {
    now: () => now,
    async sleep(ms: number) {
      waits.push(ms / 1000);
      now += ms;
    },
  };
  return { ...realm, clock: { ...realm.clock, ...clock } };
}

const open = (fields?: DataMap) =>
  connect("sp", { realm: realmWith(fields), type: "sharepoint", env: {}, tmpdir: folder });

filesConformance("sharepoint", {
  open: () => open(),
  root: () => "/Documents",
  large: 2_000_000,
  odd: "ä $(x)'#.txt",
});

/**
 * A real site, in place of the double: LAVA_TEST_SHAREPOINT_URL as
 * `sharepoint://<client id>:<client secret>@<host>/<tenant>/<site>/<library>`.
 */
const named = process.env["LAVA_TEST_SHAREPOINT_URL"];
if (named) {
  const { hostname, password, pathname, username } = new URL(named);
  const [, tenant = "", site_name = "", library = ""] = pathname.split("/").map(decodeURIComponent);
  const connection = {
    type: "sharepoint",
    enabled: true,
    org_base_url: hostname,
    site_name,
    tenant,
    client_id: decodeURIComponent(username),
    client_secret: "/secret",
  };
  filesConformance(`sharepoint ${hostname}/${site_name}`, {
    open: () => {
      const parameters = { "/secret": decodeURIComponent(password) };
      const realm = fakeRealm({ connections: { sp: connection }, parameters });
      return connect("sp", { realm, type: "sharepoint", env: process.env, tmpdir: folder });
    },
    root: () => `/${library}`,
    large: 2_000_000,
    odd: "ä $(x)'#.txt",
  });
}

describe("a sharepoint connection", () => {
  test("lists the document libraries, of which the first part of each path is one (CON-sharepoint-03)", async () => {
    await using client = await open();

    expect((await client.list("/")).map(({ name }) => name)).toEqual(["Documents", "Other"]);
    await expect(client.list("/Nope/x")).rejects.toThrow(
      'Unable to find SharePoint documentLibrary "Nope"',
    );
  });

  test("uploads in parts of 327,680 bytes, an empty file in one call (JOB-sharepoint_put_doc-02)", async () => {
    await using client = await open();
    const before = double.parts.length;
    await client.put("/Documents/parts", Buffer.alloc(700_000));
    await client.put("/Documents/empty", "");

    expect(double.parts.slice(before)).toEqual([327_680, 327_680, 44_640]);
    expect(await text(await client.get("/Documents/empty"))).toBe("");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("its wrapper is lava-sharepoint with the connection, and shows no secret (CON-sharepoint-03)", async () => {
    const path = await connectCli("sp", { realm: realmWith(), env: {}, workdir: folder });
    const script = readFileSync(path, "utf8");
    rmSync(dirname(path), { recursive: true });

    expect(script).toMatch(/lava-sharepoint .*sp.* "\$@"/);
    for (const secret of [double.clientSecret, double.password]) {
      expect(script).not.toContain(secret);
    }
  });

  test("documents have titles", async () => {
    await using client = await open();
    await client.put("/Documents/t", "x");

    expect(await client.title("/Documents/t")).toBeUndefined();
    await client.setTitle("/Documents/t", "A title");
    expect(await client.title("/Documents/t")).toBe("A title");
  });

  test("works in the application's own name where there is no user (CON-sharepoint-02)", async () => {
    await using client = await open({ user: null, password: null });

    expect(await client.stat("/Documents")).toMatchObject({ type: "directory" });
  });

  test("tells who is there", async () => {
    const check = await checkConnection("sp", { realm: realmWith(), env: {}, tmpdir: folder });

    expect(check).toEqual({
      server: "SharePoint x.sharepoint.example/sites/data",
      details: { libraries: ["Documents", "Other"] },
    });
  });

  test.each<[DataMap, string, string]>([
    [
      { password: "/w" },
      "LOGIN_FAILED",
      "Connection sp: Invalid logon credentials: Status 400: AADSTS50126: Invalid username or password.",
    ],
    [
      { site_name: "nope" },
      "SHAREPOINT_FAILED",
      'Unable to find SharePoint site_name "nope": Status 404',
    ],
    [{ graph_url: "http://127.0.0.1:1" }, "CONNECTION_FAILED", "ECONNREFUSED"],
  ])("refuses a record with %o when it is used", async (fields, code, message) => {
    await using client = await open(fields);

    await expect(client.list("/")).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test.each<[DataMap, string]>([
    [{ enabled: false }, "Connection sp: Not enabled"],
    [{ password: null }, "Connection sp: password is required if user is specified"],
  ])("refuses a record with %o", async (fields, message) => {
    await expect(open(fields)).rejects.toThrow(message);
  });
});

describe("a service in trouble (JOB-sharepoint-05)", () => {
  test("is waited for as it asks, 10 s and 15 s for each time more", async () => {
    await using client = await open();
    const status = (code: number, after: string) => ({
      call: /GET .*\/content$/,
      answer: { status: code, headers: { "retry-after": after } },
    });
    await client.put("/Documents/busy", "content");
    const date = new Date(now + 60_000).toUTCString();
    double.script(status(429, "7"), status(503, "0"), status(504, date));

    expect(await text(await client.get("/Documents/busy"))).toBe("content");
    expect(waits.slice(0, 2)).toEqual([7 + 10 + 15, 0 + 10 + 30]);
    expect(waits[2]).toBeGreaterThanOrEqual(10 + 45);
  });

  test("is given up when it asks for too much, or too often", async () => {
    await using client = await open();
    await client.list("/");
    const busy = (after: string) => ({
      call: /GET .*root$/,
      answer: { status: 429, headers: { "retry-after": after } },
    });
    double.script(busy("700"));
    await expect(client.stat("/Documents")).rejects.toMatchObject({
      code: "SHAREPOINT_THROTTLED",
      message: expect.stringContaining("delay was more than 661 seconds"),
    });
    double.script(...Array.from({ length: 11 }, () => busy("1")));
    await expect(client.stat("/Documents")).rejects.toThrow("limit of 10 has been reached");
    expect(await client.stat("/Documents")).toBeDefined();
  });

  test("that drops connections is asked again after 240 s", async () => {
    await using client = await open();
    double.script({ call: /GET .*\/drives$/, answer: "drop" });

    expect(await client.stat("/Documents")).toBeDefined();
    expect(waits).toEqual([240]);
  });

  test("may end a token early: another is asked for, as often as needed", async () => {
    await using client = await open();
    for (let turn = 0; turn < 6; turn += 1) {
      double.endTokens();
      expect(await client.stat("/Documents")).toBeDefined();
    }
    now += 3600_000;
    const before = double.calls.filter((call) => call.includes("/login/")).length;
    await client.stat("/Documents");
    expect(double.calls.filter((call) => call.includes("/login/")).length).toBe(before + 1);
  });

  test("that breaks off a document is told as such", async () => {
    await using client = await open();
    await client.put("/Documents/half", Buffer.alloc(500_000));
    double.script({ call: /GET \/download/, answer: "half" });

    await expect(buffer(await client.get("/Documents/half"))).rejects.toMatchObject({
      code: "CONNECTION_LOST",
    });
  });

  test("that stumbles within an upload gets the same part again; one that refuses leaves nothing", async () => {
    await using client = await open();
    double.script(
      { call: /PUT \/upload/, answer: { status: 503 } },
      { call: /PUT \/upload/, answer: "drop" },
    );
    await client.put("/Documents/stumble", Buffer.alloc(700_000, 1));
    expect(await buffer(await client.get("/Documents/stumble"))).toEqual(Buffer.alloc(700_000, 1));

    double.script({ call: /PUT \/upload/, answer: { status: 507 } });
    await expect(client.put("/Documents/full", Buffer.alloc(10))).rejects.toThrow("Status 507");
    expect(await client.stat("/Documents/full")).toBeUndefined();
    expect(double.calls.at(-2)).toMatch(/^DELETE \/upload/);
    expect(readdirSync(folder)).toEqual([]);
  });
});
