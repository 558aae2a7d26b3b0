import { createServer } from "node:http";
import { DecimalValue, FloatValue } from "@lava/core";
import { describe, expect, test } from "vitest";
import { fakeClock, testRealm } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";
import { createAwsClients } from "../clients.ts";
import { createDocuments } from "../documents.ts";
import { openStateStore } from "./state-store.ts";

const aws = sharedAws();

describe("a state item", () => {
  test("of type json holds JSON text and exactly the attributes of the original (WF-140..149)", async () => {
    const { realm, clock } = await testRealm(aws());
    const value = { n: 1, f: new FloatValue(2), list: [null, true] };

    const put = await realm.state.put("a/b", value, { publisher: "me" });

    const documents = createDocuments(realm.clients);
    const stored = await documents.get(`lava.${realm.name}.state`, { state_id: "a/b" });
    expect(Object.keys(stored ?? {}).toSorted()).toEqual([
      "publisher",
      "state_id",
      "timestamp",
      "ttl",
      "type",
      "value",
    ]);
    expect(stored).toMatchObject({
      type: "json",
      value: '{"n": 1, "f": 2.0, "list": [null, true]}',
    });
    expect(put.ttl).toBe(Math.floor(clock.now() / 1000) + 7 * 86_400);
    expect(await realm.state.get("a/b")).toEqual(put);
  });

  test("holds what JSON has no kind for as numbers and text, as the original writes it (STATE-09)", async () => {
    const { realm } = await testRealm(aws());
    const value = { d: new DecimalValue("1.10"), big: 2n ** 70n, bytes: Buffer.from("a\u00e9") };

    await realm.state.put("a/b", value);

    const documents = createDocuments(realm.clients);
    expect(await documents.get(`lava.${realm.name}.state`, { state_id: "a/b" })).toMatchObject({
      value: '{"d": 1.10, "big": 1180591620717411303424, "bytes": "a\u00e9"}',
    });
  });

  test("of type raw holds the value itself, and neither raw nor json asks a key (STATE-01, STATE-08, ACT-state-02)", async () => {
    const { realm } = await testRealm(aws());
    const kms_key = "alias/none-of-this-name";

    await realm.state.put("raw", { a: ["x", true], n: 1 }, { type: "raw", kms_key });
    await realm.state.put("json", 1, { kms_key });

    const raw = await realm.state.get("raw");
    expect(raw?.value).toEqual({ a: ["x", true], n: new DecimalValue("1") });
    expect((await realm.state.get("json"))?.value).toBe(1);
  });

  test("that is missing or has expired is undefined (STATE-03, STATE-05)", async () => {
    const { realm, clock } = await testRealm(aws());
    await realm.state.put("short", 1, { ttl: "10m" });

    clock.advance(601_000);

    expect(await realm.state.get("short")).toBeUndefined();
    expect(await realm.state.get("never")).toBeUndefined();
    expect(await realm.state.list()).toEqual([]);
  });

  test("lives no longer than STATE_MAX_TTL, and as long as usual for a ttl of 0 (STATE-02)", async () => {
    const { realm, clock } = await testRealm(aws());
    const now = Math.floor(clock.now() / 1000);

    const long = await realm.state.put("long", 1, { ttl: "1000d" });
    const zero = await realm.state.put("zero", 1, { ttl: 0 });

    expect(long.ttl).toBe(now + 366 * 86_400);
    expect(zero.ttl).toBe(now + 7 * 86_400);
  });

  test("can be set only if it has not changed (STATE-06)", async () => {
    const { realm, clock } = await testRealm(aws());
    const first = await realm.state.put("n", 1, { expected: null });
    clock.advance(1_000);
    await realm.state.put("n", 2, { expected: first.timestamp });

    await expect(realm.state.put("n", 3, { expected: first.timestamp })).rejects.toMatchObject({
      code: "STATE_CHANGED",
    });
    await expect(realm.state.put("n", 3, { expected: null })).rejects.toMatchObject({
      code: "STATE_CHANGED",
    });
    expect((await realm.state.get("n"))?.value).toBe(2);
  });

  test("with attributes that the original refuses is refused (STATE-04)", async () => {
    const { realm } = await testRealm(aws());
    const documents = createDocuments(realm.clients);
    const item = { state_id: "x", type: "odd", value: "1", timestamp: "t", ttl: 9e9 };
    await documents.put(`lava.${realm.name}.state`, { ...item, more: 1 });
    await documents.put(`lava.${realm.name}.state`, { ...item, state_id: "y" });

    await expect(realm.state.get("x")).rejects.toThrow("Bad state item: x: Unexpected keys: more");
    await expect(realm.state.get("y")).rejects.toThrow("Unknown state type: odd");
  });

  test("is listed by prefix and deleted", async () => {
    const { realm } = await testRealm(aws());
    for (const id of ["b/2", "a", "b/1"]) await realm.state.put(id, id);

    expect((await realm.state.list("b/")).map((item) => item.state_id)).toEqual(["b/1", "b/2"]);
    expect(await realm.state.delete("a")).toBe(true);
    expect(await realm.state.delete("a")).toBe(false);
  });
});

/** A key service that turns bytes around; it writes down which keys it was asked for. */
async function fakeKms(keys: unknown[]) {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(parts).toString());
      keys.push(body.KeyId);
      const turned = Buffer.from(body.Plaintext ?? body.CiphertextBlob, "base64").reverse();
      const name = body.Plaintext === undefined ? "Plaintext" : "CiphertextBlob";
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify({ [name]: turned.toString("base64") }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe("a secure state item", () => {
  const keys: unknown[] = [];

  async function secureStore() {
    const stack = new AsyncDisposableStack();
    const kms = stack.use(await fakeKms(keys));
    const { realm } = await testRealm(aws());
    const { settings } = realm.clients;
    const clients = stack.use(createAwsClients({ ...settings, endpoints: { KMS: kms.url } }));
    const documents = createDocuments(clients);
    const table = `lava.${realm.name}.state`;
    const store = openStateStore({
      table,
      documents,
      clients,
      clock: fakeClock(),
      kms_key: `alias/lava-${realm.name}-sys`,
      ttl: { normal: 60, max: 60 },
    });
    return { store, documents, table, realm, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  }

  test("is encrypted with the realm's system key and decrypted without naming one (WF-148, STATE-07)", async () => {
    await using secure = await secureStore();
    const { store, documents, table, realm } = secure;
    keys.length = 0;

    await store.put("pw", { user: "u" }, { type: "secure" });

    const stored = await documents.get(table, { state_id: "pw" });
    expect(stored?.["value"]).toBeInstanceOf(Uint8Array);
    expect((await store.get("pw"))?.value).toEqual({ user: "u" });
    expect(keys).toEqual([`alias/lava-${realm.name}-sys`, undefined]);
    expect((await store.list())[0]?.value).toBeNull();
  });

  test("takes at most 4096 bytes (STATE-07)", async () => {
    await using secure = await secureStore();

    await expect(
      secure.store.put("pw", "x".repeat(4_096), { type: "secure" }),
    ).rejects.toMatchObject({ code: "STATE_TOO_LARGE" });
  });
});
