import { mkdtemp, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { testRealm } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";

const aws = sharedAws();

async function setUp(files: Readonly<Record<string, string>>) {
  const made = await testRealm(aws());
  for (const [name, text] of Object.entries(files)) await made.realm.payloads.put(name, text);
  const folder = await mkdtemp(join(aws().folder, "job-"));
  return { ...made, payloads: made.realm.payloads, folder };
}

describe("a payload", () => {
  test("is a key prefix: everything that begins with it, one level deep (WK-091, T-77)", async () => {
    const { payloads, folder, log } = await setUp({
      "x/a.sh": "1",
      "x/a.sh.bak": "2",
      "x/a.sh.d/deep": "3",
    });

    const files = await payloads.download("x/a.sh", folder);

    expect(files.map((file) => file.name)).toEqual(["a.sh", "a.sh.bak"]);
    expect(relative(folder, files[0]?.path ?? "")).toMatch(/^pld-0-\w{8}\.d\/a\.sh$/);
    expect(await readFile(files[0]?.path ?? "", "utf8")).toBe("1");
    expect(log.some((entry) => /more than one object/.test(entry.message))).toBe(true);
  });

  test("can be held to the very object that it names (WK-097)", async () => {
    const { payloads, folder } = await setUp({ "x/a.sh": "1", "x/a.sh.bak": "2" });

    const files = await payloads.download("x/a.sh", folder, { exact: true });

    expect(files.map((file) => file.name)).toEqual(["a.sh"]);
  });

  test("may be a list: entries in order, each in a folder of its own, sorted within (WK-092)", async () => {
    const { payloads, folder } = await setUp({ "b/2.sql": "", "b/1.sql": "", "a.sql": "" });

    const files = await payloads.download(["b/", "a.sql"], folder);

    expect(files.map((file) => relative(folder, file.path).replace(/-\w+\.d/, ""))).toEqual([
      "pld-0/1.sql",
      "pld-0/2.sql",
      "pld-1/a.sql",
    ]);
  });

  test("has its files by code point, upper case before lower (T-25)", async () => {
    const { payloads, folder } = await setUp({
      "x/b": "",
      "x/B": "",
      "x/_": "",
      "x/😀": "",
      "x/￿": "",
    });

    const files = await payloads.download("x/", folder);

    expect(files.map((file) => file.name)).toEqual(["B", "_", "b", "￿", "😀"]);
  });

  test.each([
    ["none", "No payload files downloaded from S3 for payload: none"],
    [{ a: 1 }, "Payload must be string or list[string] not <class 'dict'>"],
    [null, "Payload must be string or list[string] not <class 'NoneType'>"],
  ])("%j is refused with the original's text (WK-092)", async (payload, message) => {
    const { payloads, folder } = await setUp({});

    await expect(payloads.download(payload, folder)).rejects.toMatchObject({
      code: "BAD_PAYLOAD",
      message,
    });
  });

  test("that is too large is refused (WK-094)", async () => {
    const { payloads, folder, realm } = await setUp({ "big.sql": "x".repeat(101) });

    await expect(payloads.download("big.sql", folder, { maxSize: "100B" })).rejects.toThrow(
      `s3://lava-test-${realm.name}/payloads/big.sql: Payload size 101 exceeds maximum of 100B`,
    );
  });

  test("of the first downloader lies straight in the folder and may have no level below (WK-093, FW-163)", async () => {
    const { payloads, folder, realm } = await setUp({ "x/a.sh": "", "y/b/c.sh": "" });
    const version = "v1";

    const files = await payloads.download("x/", folder, { version });

    expect(files.map((file) => relative(folder, file.path))).toEqual(["a.sh"]);
    await expect(payloads.download("y/", folder, { version })).rejects.toThrow(
      `s3://lava-test-${realm.name}/payloads/y/: Recursive download not supported`,
    );
    await expect(payloads.download("z", folder, { version })).rejects.toThrow(
      "No payload files downloaded from S3",
    );
  });

  test("of an unknown downloader is refused (WK-090, CFG-018)", async () => {
    const { payloads, folder } = await setUp({});

    await expect(payloads.download("x", folder, { version: "v3" })).rejects.toThrow(
      "Unknown PAYLOAD_DOWNLOADER: v3",
    );
  });
});
