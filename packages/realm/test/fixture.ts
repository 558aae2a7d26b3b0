import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, createRedactor, type Logger, type Redactor } from "@lava/core";
import { startLocalAws } from "@lava/local-aws";
import {
  type AwsClients,
  awsSettingsFromEnv,
  createAwsClients,
  createRealmResources,
  openRealm,
  type Realm,
} from "../src/index.ts";

/** An endpoint with SDK clients for it, and a folder; all gone when disposed of. */
export interface TestAws extends AsyncDisposable {
  readonly clients: AwsClients;
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
}

/**
 * The embedded endpoint on a free port, in memory; or the one that LAVA_TEST_ENDPOINT_URL names (moto, LocalStack),
 * for a second opinion.
 */
export async function testAws(): Promise<TestAws> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "lava-realm-test-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const environment = await endpoint(stack);
  const clients = stack.use(createAwsClients(awsSettingsFromEnv(environment)));
  const owned = stack.move();
  return { clients, environment, folder, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function endpoint(stack: AsyncDisposableStack): Promise<Record<string, string>> {
  const foreign = process.env["LAVA_TEST_ENDPOINT_URL"];
  if (foreign === undefined) return stack.use(await startLocalAws({})).environment;
  return {
    AWS_ENDPOINT_URL: foreign,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
}

/** A clock that stands still until it is told to move; sleeping moves it. */
export interface FakeClock extends Clock {
  advance(ms: number): void;
}

/** A fake clock that begins in 2026. */
export function fakeClock(start = Date.UTC(2026, 10, 23, 7, 47, 15)): FakeClock {
  let time = start;
  return {
    now: () => time,
    advance(ms) {
      time += ms;
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      time += ms;
      await Promise.resolve();
    },
  };
}

/** A realm of its own name on `aws`, with one worker `core`. */
export interface TestRealm {
  readonly realm: Realm;
  readonly clock: FakeClock;
  readonly redactor: Redactor;
  readonly log: { level: string; fields: Readonly<Record<string, unknown>>; message: string }[];
}

/** Makes and opens a realm with a name of its own. */
export async function testRealm(
  aws: TestAws,
  options: { config?: Readonly<Record<string, string | number>>; s3_key?: string } = {},
): Promise<TestRealm> {
  const name = `t${randomUUID().slice(0, 8)}`;
  const clock = fakeClock();
  const redactor = createRedactor();
  const { logger, log } = recordingLogger();
  await createRealmResources(aws.clients, {
    realm: name,
    workers: ["core"],
    bucket: `lava-test-${name}`,
    record: {
      ...(options.config === undefined ? {} : { config: options.config }),
      ...(options.s3_key === undefined ? {} : { s3_key: options.s3_key }),
    },
  });
  const realm = await openRealm(name, { clients: aws.clients, env: {}, clock, redactor, logger });
  return { realm, clock, redactor, log };
}

/** A logger that keeps what it is told. */
export function recordingLogger(): { logger: Logger; log: TestRealm["log"] } {
  const log: TestRealm["log"] = [];
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    log.push({ level, fields, message });
  };
  const logger: Logger = {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => logger,
  };
  return { logger, log };
}
