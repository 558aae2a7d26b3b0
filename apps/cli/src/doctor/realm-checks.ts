import { errorText, isMap, LavaError } from "@lava/core";
import type { AwsClients, Realm } from "@lava/realm";
import type { CliContext } from "../command.ts";
import { findRealm, type RealmOptions, type RealmTarget } from "../realm-access.ts";
import type { Check } from "./check.ts";
import { checkPermissions } from "./permission-checks.ts";
import { checkSchedule } from "./schedule-check.ts";

/** Which realm, and as which worker. */
export interface RealmCheckOptions extends RealmOptions {
  readonly worker?: string;
}

/** Checks of AWS and of the realm, each only when those before it allow it. */
export async function realmChecks(
  options: RealmCheckOptions,
  context: CliContext,
): Promise<Check[]> {
  let target: RealmTarget;
  try {
    target = await findRealm(options, context);
  } catch (error) {
    if (!(error instanceof LavaError)) throw error;
    return [{ name: "realm", status: "skipped", text: error.message, hint: error.hint }];
  }
  const { createAwsClients, openRealm } = await import("@lava/realm");
  await using clients = createAwsClients(target.settings);
  const identity = await checkIdentity(clients, context);
  if (identity.some(({ status }) => status === "failed")) return identity;
  let realm: Realm;
  try {
    realm = await openRealm(target.realm, { clients, env: target.env, clock: context.clock });
  } catch (error) {
    return [...identity, failed("realm", error)];
  }
  return [
    ...identity,
    { name: "realm", status: "ok", text: realm.name },
    ...(await checkTables(realm)),
    ...(await checkQueues(realm, options.worker)),
    ...(await checkSchedule(realm, context)),
    ...(await checkPermissions(realm, options.worker)),
  ];
}

/** Who one is to AWS, and whether its clock and this host's agree. */
async function checkIdentity(clients: AwsClients, context: CliContext): Promise<Check[]> {
  const { settings } = clients;
  const where = settings.endpoint ?? `AWS ${settings.region ?? ""}`.trim();
  try {
    const sts = await clients.sts();
    const { GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
    let skew: number | undefined;
    sts.middlewareStack.add(
      (next) => async (args) => {
        const output = await next(args);
        const headers: unknown = isMap(output.response) ? output.response["headers"] : undefined;
        const date = isMap(headers) ? Date.parse(String(headers["date"])) : Number.NaN;
        if (!Number.isNaN(date)) skew = (date - context.clock.now()) / 1000;
        return output;
      },
      { step: "deserialize", priority: "low", name: "lavaDoctorDate" },
    );
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    return [
      { name: "identity", status: "ok", text: `${Arn ?? "unknown"} at ${where}` },
      checkSkew(skew),
    ];
  } catch (error) {
    return [
      {
        ...failed("identity", error),
        text: `${where}: ${errorText(error) || "it does not answer"}`,
        hint: "Check AWS_REGION, credentials and AWS_ENDPOINT_URL; a dev realm is started by `lava dev up`.",
      },
    ];
  }
}

/** Leases suppose that clocks are within 5 s of each other (design 5). */
export function checkSkew(seconds: number | undefined): Check {
  const name = "clock";
  if (seconds === undefined) return { name, status: "skipped", text: "AWS told no time" };
  const off = Math.abs(seconds);
  // The header counts whole seconds.
  return {
    name,
    status: off <= 3 ? "ok" : off <= 5 ? "warning" : "failed",
    text: `${off.toFixed(1)} s ${seconds < 0 ? "ahead of" : "behind"} AWS`,
    hint: "Leases need clocks within 5 s of each other: run an NTP client.",
  };
}

async function checkTables(realm: Realm): Promise<Check[]> {
  const { tableNames } = await import("@lava/spec");
  const reads: Readonly<Record<string, () => Promise<unknown>>> = {
    jobs: () => realm.jobs.get("lava/doctor"),
    connections: () => realm.connections.get("lava/doctor"),
    s3triggers: () => realm.s3triggers.get("lava/doctor"),
    events: () => realm.events.get({ job_id: "lava/doctor", run_id: "none" }),
    state: () => realm.state.get("lava/doctor"),
  };
  const names: Readonly<Record<string, string>> = { ...tableNames(realm.name) };
  return Promise.all(
    Object.entries(reads).map(async ([table, read]): Promise<Check> => {
      const name = `table ${names[table] ?? table}`;
      try {
        await read();
        return { name, status: "ok", text: "readable" };
      } catch (error) {
        return failed(name, error);
      }
    }),
  );
}

async function checkQueues(realm: Realm, worker: string | undefined): Promise<Check[]> {
  const workers = worker === undefined ? await realm.listWorkers().catch(() => []) : [worker];
  if (workers.length === 0) {
    return [{ name: "queues", status: "warning", text: "the realm has no queue of a worker" }];
  }
  return Promise.all(
    workers.map(async (each): Promise<Check> => {
      const name = `queue of ${each}`;
      try {
        const { visible, hidden } = await realm.queue(each).depth();
        return { name, status: "ok", text: `${visible} waiting, ${hidden} in work` };
      } catch (error) {
        return failed(name, error);
      }
    }),
  );
}

function failed(name: string, error: unknown): Check {
  return {
    name,
    status: "failed",
    text: errorText(error) || String(error),
    hint: error instanceof LavaError ? error.hint : undefined,
  };
}
