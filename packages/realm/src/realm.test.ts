import { expect, test } from "vitest";
import { recordingLogger, testRealm } from "../test/fixture.ts";
import { sharedAws } from "../test/suite.ts";
import { createAwsClients } from "./clients.ts";
import { createDocuments } from "./documents.ts";
import { openRealm } from "./realm.ts";

const aws = sharedAws();

test("a realm knows its record and its configuration, environment before record (CFG-100)", async () => {
  const { realm } = await testRealm(aws(), { config: { STATE_TTL: "1d", event_ttl: "5d" } });

  const other = await openRealm(realm.name, {
    clients: realm.clients,
    env: { LAVA_STATE_TTL: "2d" },
  });

  expect(realm.record).toMatchObject({ s3_temp: `s3://lava-test-${realm.name}/tmp` });
  expect(realm.config).toMatchObject({ STATE_TTL: "1d", EVENT_TTL: "5d" });
  expect(other.config.STATE_TTL).toBe("2d");
});

test("what lava does not know in the configuration is warned of", async () => {
  const { realm } = await testRealm(aws());
  const { logger, log } = recordingLogger();

  await openRealm(realm.name, { clients: realm.clients, env: { LAVA_EVENT_TLT: "x" }, logger });

  expect(log.map((entry) => entry.message)).toEqual([
    expect.stringMatching(/LAVA_EVENT_TLT.*did you mean "EVENT_TTL"/),
  ]);
});

test("a wrong configuration is refused with every fault", async () => {
  const { realm } = await testRealm(aws());
  const env = { LAVA_STATE_TTL: "soon", LAVA_PARAM_CACHE_SIZE: "many" };

  await expect(openRealm(realm.name, { clients: realm.clients, env })).rejects.toMatchObject({
    code: "BAD_CONFIG",
    message: expect.stringMatching(/PARAM_CACHE_SIZE.*STATE_TTL|STATE_TTL.*PARAM_CACHE_SIZE/),
  });
});

test("a realm that does not exist is named, with the table and the endpoint", async () => {
  const { realm } = await testRealm(aws());
  const { clients } = realm;

  await expect(openRealm("nowhere", { clients, env: {} })).rejects.toMatchObject({
    code: "NO_SUCH_REALM",
    message: `There is no realm nowhere: no such item in table lava.realms at ${clients.settings.endpoint}`,
  });
});

test("an endpoint that nobody listens on is named", async () => {
  const endpoint = "http://127.0.0.1:9";
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  await using clients = createAwsClients({ region: "local", endpoint, credentials });

  await expect(openRealm("dev", { clients, env: {} })).rejects.toMatchObject({
    code: "AWS_UNREACHABLE",
    message: "Cannot reach DynamoDB at http://127.0.0.1:9: ECONNREFUSED",
  });
});

test("an item that is no realm is refused", async () => {
  const { realm } = await testRealm(aws());
  const name = `bad${realm.name}`;
  await createDocuments(realm.clients).put("lava.realms", { realm: name });

  await expect(openRealm(name, { clients: realm.clients, env: {} })).rejects.toMatchObject({
    code: "BAD_REALM_RECORD",
    message: "Bad realm record: Missing keys: s3_payloads, s3_temp",
  });
});
