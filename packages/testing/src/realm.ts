import { randomUUID } from "node:crypto";
import type { Clock, DataMap, Logger, Redactor } from "@lava/core";
import { createRealmResources, openRealm, type ObjectSource, type Realm } from "@lava/realm";
import { type EmulatedAws, emulatedAws } from "./aws.ts";

/** What is in an emulated realm from the start. Records are items as they would be stored. */
export interface EmulatedRealmOptions {
  /** A random one when absent. */
  readonly name?: string;
  /** Each gets its queue; `core` alone when absent. */
  readonly workers?: readonly string[];
  /** Jobs; `type` cmd, `worker` the first worker, `enabled` true and no payload where not given. */
  readonly jobs?: readonly DataMap[];
  /** Connections; `enabled` true where not given. */
  readonly connections?: readonly DataMap[];
  readonly s3triggers?: readonly DataMap[];
  /** State items of type json, by id. */
  readonly state?: DataMap;
  /** Payload objects, by name below `s3_payloads`. */
  readonly payloads?: Readonly<Record<string, ObjectSource>>;
  /** More of the realm's record: config, on_fail, s3_key... */
  readonly record?: DataMap;
  /** `LAVA_<NAME>` variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly redactor?: Redactor;
  /** An endpoint to share; a new one, disposed of with the realm, when absent. */
  readonly aws?: EmulatedAws;
}

/** A realm on an emulated endpoint. */
export interface EmulatedRealm extends AsyncDisposable {
  readonly realm: Realm;
  readonly aws: EmulatedAws;
  /** Name of its bucket. */
  readonly bucket: string;
  /** What a process needs to reach it: the endpoint's variables and LAVA_REALM. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Makes a realm with everything in it that a test wants.
 *
 * @example await using emulated = await emulatedRealm({ jobs: [{ job_id: "a", payload: "echo hi" }] });
 */
export async function emulatedRealm(options: EmulatedRealmOptions = {}): Promise<EmulatedRealm> {
  const name = options.name ?? `t${randomUUID().slice(0, 8)}`;
  const workers = options.workers ?? ["core"];
  const bucket = `lava-${name}`;
  await using stack = new AsyncDisposableStack();
  const aws = options.aws ?? stack.use(await emulatedAws());
  const { clients } = aws;
  const { clock, logger, redactor, record = {}, env = {} } = options;
  await createRealmResources(clients, { realm: name, workers, bucket, record });
  const realm = await openRealm(name, {
    clients,
    env,
    ...(clock === undefined ? {} : { clock }),
    ...(logger === undefined ? {} : { logger }),
    ...(redactor === undefined ? {} : { redactor }),
  });
  await fill(realm, options, workers[0] ?? "core");
  const owned = stack.move();
  return {
    realm,
    aws,
    bucket,
    environment: { ...aws.environment, LAVA_REALM: name },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function fill(realm: Realm, options: EmulatedRealmOptions, worker: string): Promise<void> {
  const { jobs = [], connections = [], s3triggers = [], state = {}, payloads = {} } = options;
  const job = { type: "cmd", worker, enabled: true, payload: null };
  await Promise.all([
    ...jobs.map((item) => realm.jobs.put({ ...job, ...item })),
    ...connections.map((item) => realm.connections.put({ enabled: true, ...item })),
    ...s3triggers.map((item) => realm.s3triggers.put(item)),
    ...Object.entries(state).map(([id, value]) => realm.state.put(id, value)),
    ...Object.entries(payloads).map(([path, source]) => realm.payloads.put(path, source)),
  ]);
}
