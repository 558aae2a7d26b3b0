import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { testRealm } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";
import { awsSettingsFromEnv } from "../aws-settings.ts";
import { createAwsClients } from "../clients.ts";
import { openObjectStore } from "./object-store.ts";

const aws = sharedAws();
const run = { job_id: "etl/load", run_id: "r1" };

describe("objects", () => {
  test("are stored, listed, read and deleted below the store's prefix", async () => {
    const { realm } = await testRealm(aws());
    const { payloads } = realm;
    await payloads.put("a/one.sh", "echo 1");
    await payloads.put("a/b/two.sh", Buffer.from("echo 2"), { metadata: { digest: "d1" } });

    const all = await payloads.list("a/");
    const shallow = await payloads.list("a/", { deep: false });

    expect(all.map((object) => object.name)).toEqual(["a/b/two.sh", "a/one.sh"]);
    expect(shallow.map((object) => object.name)).toEqual(["a/one.sh"]);
    expect(shallow[0]).toMatchObject({
      size: 6,
      uri: `s3://lava-test-${realm.name}/payloads/a/one.sh`,
    });
    expect(await payloads.head("a/b/two.sh")).toMatchObject({
      size: 6,
      metadata: { digest: "d1" },
    });
    expect(Buffer.from((await payloads.get("a/one.sh")) ?? []).toString()).toBe("echo 1");
    await payloads.delete(["a/one.sh", "a/b/two.sh"]);
    expect(await payloads.list()).toEqual([]);
  });

  test("that do not exist are undefined, and named when they have to be fetched", async () => {
    const { realm } = await testRealm(aws());

    expect(await realm.payloads.get("none")).toBeUndefined();
    expect(await realm.payloads.head("none")).toBeUndefined();
    await expect(realm.payloads.getFile("none", join(aws().folder, "none"))).rejects.toMatchObject({
      code: "NO_SUCH_OBJECT",
      message: `There is no s3://lava-test-${realm.name}/payloads/none`,
    });
  });

  test("of more than 8 MB go up in parts and come back whole (WF-163)", async () => {
    const { realm } = await testRealm(aws());
    const file = join(aws().folder, "large");
    const content = Buffer.alloc(9 * 1024 * 1024, "0123456789abcdef");
    await writeFile(file, content);

    await realm.payloads.put("large", { file });

    const object = await realm.payloads.head("large");
    await realm.payloads.getFile("large", `${file}.back`);
    expect(object?.etag).toMatch(/-2$/);
    expect((await readFile(`${file}.back`)).equals(content)).toBe(true);
  });

  test("of a file are sent again when the connection breaks in the middle", async () => {
    const { realm } = await testRealm(aws());
    const file = join(aws().folder, "small");
    await writeFile(file, "output");
    const target = new URL(aws().environment["AWS_ENDPOINT_URL"] ?? "");
    let broken = 0;
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", (first) => {
        if (broken === 0) {
          broken += 1;
          socket.resetAndDestroy();
          return;
        }
        const upstream = connect(Number(target.port), target.hostname);
        upstream.write(first);
        socket.pipe(upstream).pipe(socket);
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const environment = { ...aws().environment, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
    await using clients = createAwsClients(awsSettingsFromEnv(environment));
    const store = openObjectStore({
      clients,
      s3_key: undefined,
      bucket: `lava-test-${realm.name}`,
      prefix: "p",
    });

    await store.put("small", { file });
    const sent = await store.head("small");
    server.close();

    expect(broken).toBe(1);
    expect(sent?.size).toBe(6);
  });
});

describe("a stream", () => {
  const part = Buffer.alloc(3 * 1024 * 1024, "x");
  async function* parts(count: number, failure?: Error): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < count; index += 1) yield part;
    if (failure !== undefined) throw failure;
  }

  test.each([0, 1, 9])("of %i pieces is stored while it is read", async (count) => {
    const { realm } = await testRealm(aws());

    await realm.temp.put("piped", { stream: parts(count) });

    expect((await realm.temp.head("piped"))?.size).toBe(count * part.length);
  });

  test.each([1, 9])("that fails after %i pieces leaves nothing", async (count) => {
    const { realm } = await testRealm(aws());
    const failure = new Error("the source broke");

    const storing = realm.temp.put("piped", { stream: parts(count, failure) });

    await expect(storing).rejects.toThrow("the source broke");
    const { ListMultipartUploadsCommand } = await import("@aws-sdk/client-s3");
    const s3 = await realm.clients.s3();
    const left = await s3.send(new ListMultipartUploadsCommand({ Bucket: realm.temp.bucket }));
    expect(left.Uploads ?? []).toEqual([]);
    expect(await realm.temp.head("piped")).toBeUndefined();
  });

  test("is closed when it cannot be stored", async () => {
    const { realm } = await testRealm(aws());
    let closed = false;
    const stream = (async function* () {
      try {
        yield* parts(100);
      } finally {
        closed = true;
      }
    })();
    const store = openObjectStore({
      clients: realm.clients,
      s3_key: undefined,
      bucket: "lava-no-such-bucket",
      prefix: "",
    });

    await expect(store.put("piped", { stream })).rejects.toMatchObject({ code: "NO_SUCH_BUCKET" });
    expect(closed).toBe(true);
  });
});

describe("outputs", () => {
  test("lie below the run and are encrypted by S3 where the realm has no key (WF-150, WF-160)", async () => {
    const { realm } = await testRealm(aws());

    const uri = await realm.temp.putOutput(run, "stdout", "hello é\n");

    const bucket = `lava-test-${realm.name}`;
    expect(uri).toBe(`s3://${bucket}/tmp/etl/load/r1/stdout`);
    expect(realm.temp.runUri(run)).toBe(`s3://${bucket}/tmp/etl/load/r1`);
    const s3 = await realm.clients.s3();
    const head = await s3.send(
      new HeadObjectCommand({ Bucket: bucket, Key: "tmp/etl/load/r1/stdout" }),
    );
    expect(head.ServerSideEncryption).toBe("AES256");
    expect(await realm.temp.listOutputs(run)).toMatchObject([{ name: "stdout", size: 9 }]);
    expect(Buffer.from((await realm.temp.getOutput(run, "stdout")) ?? []).toString()).toBe(
      "hello é\n",
    );
    expect(await realm.temp.getOutput(run, "stderr")).toBeUndefined();
  });

  test("are encrypted with the realm's key where it has one (WF-160)", async () => {
    const { realm } = await testRealm(aws(), { s3_key: "alias/lava-dev-user" });

    await realm.temp.putOutput(run, "stdout", "x");

    const s3 = await realm.clients.s3();
    const head = await s3.send(
      new HeadObjectCommand({
        Bucket: `lava-test-${realm.name}`,
        Key: "tmp/etl/load/r1/stdout",
      }),
    );
    expect(head).toMatchObject({
      ServerSideEncryption: "aws:kms",
      SSEKMSKeyId: expect.stringContaining("lava-dev-user"),
    });
  });
});
