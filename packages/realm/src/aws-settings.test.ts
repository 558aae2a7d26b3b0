import { expect, test } from "vitest";
import { awsSettingsFromEnv, endpointOf } from "./aws-settings.ts";
import { createAwsClients } from "./clients.ts";

const credentials = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };

test("endpoints come from the variables that every AWS tool honours (design 2.2)", () => {
  const settings = awsSettingsFromEnv({
    ...credentials,
    AWS_REGION: "local",
    AWS_ENDPOINT_URL: "http://127.0.0.1:1",
    AWS_ENDPOINT_URL_SQS: "http://127.0.0.1:2",
  });

  expect(settings).toEqual({
    region: "local",
    endpoint: "http://127.0.0.1:1",
    endpoints: { SQS: "http://127.0.0.1:2" },
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  expect(endpointOf(settings, "SQS")).toBe("http://127.0.0.1:2");
  expect(endpointOf(settings, "S3")).toBe("http://127.0.0.1:1");
});

test("endpoints can be switched off", () => {
  const settings = awsSettingsFromEnv({
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true",
    AWS_ENDPOINT_URL: "http://127.0.0.1:1",
    AWS_DEFAULT_REGION: "eu-west-1",
  });

  expect(settings).toEqual({ region: "eu-west-1" });
  expect(endpointOf(settings, "S3")).toBe("AWS eu-west-1");
});

test("a client is made once, for its own endpoint", async () => {
  await using clients = createAwsClients({
    region: "local",
    endpoint: "http://127.0.0.1:1",
    endpoints: { SQS: "http://127.0.0.1:2" },
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });

  const [first, second, s3] = await Promise.all([clients.sqs(), clients.sqs(), clients.s3()]);

  expect(second).toBe(first);
  expect((await first.config.endpoint?.())?.port).toBe(2);
  expect((await s3.config.endpoint?.())?.port).toBe(1);
});
