import { createAwsClients, openRealm } from "@lava/realm";
import { emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
import type { FaultRule } from "../src/proxy/effect.ts";
import { startProxy } from "../src/proxy/proxy.ts";
import { createRandom } from "../src/random.ts";

/** A realm, and its queue and events seen through a proxy with these rules. */
async function behindProxy(rules: readonly FaultRule[]) {
  const stack = new AsyncDisposableStack();
  const emulated = stack.use(await emulatedRealm({ jobs: [{ job_id: "j", payload: "true" }] }));
  const { settings } = emulated.aws.clients;
  const proxy = stack.use(
    await startProxy({ upstream: settings.endpoint ?? "", random: createRandom(1), rules }),
  );
  const clients = stack.use(createAwsClients({ ...settings, endpoint: proxy.endpoint }));
  const realm = await openRealm(emulated.realm.name, { clients, env: {} });
  return {
    direct: emulated.realm,
    realm,
    proxy,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const rule = (service: string, operation: RegExp, effect: FaultRule["effect"]): FaultRule => ({
  ...{ service, operation, chance: 1, effect },
});

test("requests pass with their signatures, and answers come back", async () => {
  await using setup = await behindProxy([]);

  expect((await setup.realm.jobs.list()).map(({ job_id }) => job_id)).toEqual(["j"]);
  await setup.realm.temp.put("a/b", "text");
  expect(new TextDecoder().decode(await setup.direct.temp.get("a/b"))).toBe("text");
});

test("a message is sent twice, and a delete that is swallowed leaves it there", async () => {
  await using setup = await behindProxy([
    rule("sqs", /^SendMessage$/, { kind: "twice" }),
    rule("sqs", /^DeleteMessage$/, { kind: "swallow" }),
  ]);
  const { direct, realm, proxy } = setup;

  await realm.dispatch({ job_id: "j" });
  const message = await realm.queue("core").receive({ wait: 1 });
  await realm.queue("core").delete(message?.receipt ?? "");

  expect(await direct.queue("core").depth()).toMatchObject({ visible: 1, hidden: 1 });
  expect(Object.fromEntries(proxy.effects)).toEqual({
    "sqs:SendMessage twice": 1,
    "sqs:DeleteMessage swallow": 1,
  });
});

test("a write whose answer is lost is there all the same, one that is refused is not", async () => {
  await using setup = await behindProxy([]);
  const { direct, realm, proxy } = setup;
  const origin = { worker: "core", hostname: "vm" };
  const append = (run_id: string): Promise<void> =>
    realm.events.append({ job_id: "j", run_id }, { status: "running" }, { origin });

  proxy.setRules([rule("dynamodb", /^UpdateItem$/, { kind: "lose_answer" })]);
  await expect(append("lost")).rejects.toThrow(/hang up|ECONNRESET/);
  proxy.setRules([rule("dynamodb", /^UpdateItem$/, { kind: "fail" })]);
  await expect(append("refused")).rejects.toThrow("on purpose");

  expect(await direct.events.get({ job_id: "j", run_id: "lost" })).toBeDefined();
  expect(await direct.events.get({ job_id: "j", run_id: "refused" })).toBeUndefined();
});
