import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { createRedactor } from "@lava/core";
import { expect, test } from "vitest";
import { fakeClock, testRealm } from "../test/fixture.ts";
import { sharedAws } from "../test/suite.ts";
import type { AwsClients } from "./clients.ts";
import { openSecretStore } from "./secrets.ts";

const aws = sharedAws();

async function putParameter(clients: AwsClients, name: string, value: string): Promise<void> {
  const ssm = await clients.ssm();
  await ssm.send(
    new PutParameterCommand({ Name: name, Value: value, Type: "SecureString", Overwrite: true }),
  );
}

test("a parameter is read decrypted, masked from then on, and cached PARAM_CACHE_TTL", async () => {
  const { realm, clock, redactor } = await testRealm(aws());
  const name = `/lava/${realm.name}/pw`;
  await putParameter(realm.clients, name, "swordfish-1");

  const first = await realm.secrets.parameter(name);
  await putParameter(realm.clients, name, "swordfish-2");
  const cached = await realm.secrets.parameter(name);
  clock.advance(121_000);
  const fresh = await realm.secrets.parameter(name);

  expect([first, cached, fresh]).toEqual(["swordfish-1", "swordfish-1", "swordfish-2"]);
  expect(redactor.mask("it is swordfish-1, then swordfish-2")).toBe("it is ****, then ****");
});

test("one that could not be read is asked for again (CON-all-05)", async () => {
  const { realm } = await testRealm(aws());
  const name = `/lava/${realm.name}/late`;

  await expect(realm.secrets.parameter(name)).rejects.toMatchObject({
    code: "NO_SUCH_PARAMETER",
    message: `There is no SSM parameter ${name}`,
  });
  await putParameter(realm.clients, name, "there-now");

  expect(await realm.secrets.parameter(name)).toBe("there-now");
});

test.each([
  ["a ttl of 0 disables the cache (WK-178)", { ttl: 0, size: 10 }],
  ["a full cache drops what was used least recently", { ttl: 60, size: 1 }],
])("%s", async (_, cache) => {
  const { realm } = await testRealm(aws());
  const { clients } = realm;
  const store = openSecretStore({ clients, clock: fakeClock(), redactor: createRedactor(), cache });
  const names = ["a", "b"].map((name) => `/lava/${realm.name}/${name}`);
  for (const name of names) await putParameter(clients, name, "old");
  for (const name of names) await store.parameter(name);
  for (const name of names) await putParameter(clients, name, "new");

  expect(await store.parameter(names[0] ?? "")).toBe("new");
});
