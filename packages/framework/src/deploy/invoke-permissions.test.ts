import { createServer, request } from "node:http";
import { text } from "node:stream/consumers";
import { awsSettingsFromEnv, createAwsClients, openRealm } from "@lava/realm";
import { emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
import { testConfig, testProject } from "../../test/test-project.ts";
import { deployPlan } from "./deploy.ts";
import { planDeployment } from "./plan.ts";
import { uninstallPlan } from "./uninstall.ts";

const by = { user: "tester", host: "test-host" };
const ARN = "arn:aws:lambda:local:000000000000:function:";

interface Statement {
  readonly Sid: string;
  readonly Principal: { readonly Service: string };
  readonly Condition: { readonly ArnLike: { readonly "AWS:SourceArn": string } };
}

/** The part of Lambda's protocol that policies use; everything else goes on to `endpoint`. */
async function lambdaBefore(endpoint: string) {
  const policies = new Map<string, Statement[]>();
  let denies = false;
  const server = createServer((incoming, response) => {
    void (async () => {
      const answer = (status: number, body: object, error?: string) => {
        response.writeHead(status, error === undefined ? {} : { "x-amzn-errortype": error });
        response.end(JSON.stringify(body));
      };
      const { pathname } = new URL(incoming.url ?? "", endpoint);
      const call = /^\/2015-03-31\/functions\/([^/]+)\/policy(?:\/(.*))?$/.exec(pathname);
      if (call === null) {
        const { method, headers, url } = incoming;
        const passed = request(new URL(url ?? "", endpoint), { method, headers }, (result) => {
          response.writeHead(result.statusCode ?? 500, result.headers);
          result.pipe(response);
        });
        incoming.pipe(passed);
        return;
      }
      const name = decodeURIComponent(call[1] ?? "");
      const policy = policies.get(name);
      if (policy === undefined) {
        answer(404, { Message: `Function not found: ${name}` }, "ResourceNotFoundException");
      } else if (incoming.method === "GET") {
        if (policy.length > 0) answer(200, { Policy: JSON.stringify({ Statement: policy }) });
        else answer(404, { Message: "No policy is associated" }, "ResourceNotFoundException");
      } else if (denies) {
        answer(403, { Message: "not authorized: lambda:AddPermission" }, "AccessDeniedException");
      } else if (incoming.method === "POST") {
        const body = JSON.parse(await text(incoming));
        policy.push({
          Sid: body.StatementId,
          ...{ Effect: "Allow", Action: body.Action },
          Principal: { Service: body.Principal },
          Condition: { ArnLike: { "AWS:SourceArn": body.SourceArn } },
        });
        answer(201, {});
      } else {
        policies.set(
          name,
          policy.filter(({ Sid }) => Sid !== call[2]),
        );
        answer(204, {});
      }
    })();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    policies,
    endpoint: `http://127.0.0.1:${port}`,
    deny: (value: boolean) => {
      denies = value;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

test("a function that does not let a rule call it is told, is given the right with the rule, and loses it with the rule (FW-159)", async () => {
  await using emulated = await emulatedRealm();
  const { name } = emulated.realm;
  await using lambda = await lambdaBefore(String(emulated.environment["AWS_ENDPOINT_URL"]));
  await using clients = createAwsClients(
    awsSettingsFromEnv({ ...emulated.environment, AWS_ENDPOINT_URL: lambda.endpoint }),
  );
  const realm = await openRealm(name, { clients, env: {} });
  const rule = (id: string, targets: string) =>
    `rule_id: lava.${name}.test.${id}\ndescription: d\nowner: o\nschedule_expression: rate(1 hour)\ntargets: ${targets}\n`;
  using files = testProject({
    "config/dev.yaml": testConfig(name),
    "lava-rules/r.yaml": rule("r", `["${ARN}f", {Id: a, Arn: "${ARN}gone"}]`),
  });
  lambda.policies.set(`${ARN}f`, []);
  const plan = async () => await planDeployment(await files.build("dev"), realm);

  const first = await plan();
  expect(first.warnings).toEqual([
    `function ${ARN}f does not allow rule lava.${name}.test.r to call it; it is given the right`,
  ]);
  expect(first.breaks.map(({ id, reason }) => [id, reason])).toEqual([
    [
      `lava.${name}.test.r`,
      `function ${ARN}gone, which rule lava.${name}.test.r calls, is not there`,
    ],
  ]);
  lambda.deny(true);
  expect((await deployPlan(first, realm, { by })).steps[0]).toMatchObject({
    outcome: "failed",
    reason: expect.stringMatching(/no permission: Function .* does not allow rule .*AddPermission/),
  });
  lambda.deny(false);
  expect(await deployPlan(await plan(), realm, { by })).toMatchObject({ ok: true });
  expect(lambda.policies.get(`${ARN}f`)).toMatchObject([
    {
      Principal: { Service: "events.amazonaws.com" },
      Condition: {
        ArnLike: {
          "AWS:SourceArn": `arn:aws:events:local:000000000000:rule/lava.${name}.test.r`,
        },
      },
    },
  ]);
  expect(await plan()).toMatchObject({ items: [], warnings: [] });

  // Somebody takes it away: the rule, which is as it should be, will not work.
  const kept = lambda.policies.get(`${ARN}f`) ?? [];
  lambda.policies.set(`${ARN}f`, []);
  expect((await plan()).breaks.map(({ reason }) => reason)).toContain(
    `function ${ARN}f does not allow rule lava.${name}.test.r to call it`,
  );
  lambda.policies.set(`${ARN}f`, kept);
  await deployPlan(await uninstallPlan(await files.open(), "dev", realm), realm, { by });
  expect(lambda.policies.get(`${ARN}f`)).toEqual([]);
});
