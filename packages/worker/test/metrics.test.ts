import { GetMetricStatisticsCommand, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { nullLogger } from "@lava/core";
import { awsSettingsFromEnv, createAwsClients, openRealm } from "@lava/realm";
import { sideChannelsId } from "@lava/spec";
import { expect, test } from "vitest";
import { cloudWatchMetrics } from "../src/metrics/cloudwatch.ts";
import { eventually } from "./eventually.ts";
import { workerRealm } from "./worker-realm.ts";

async function metricsOf(at: Awaited<ReturnType<typeof workerRealm>>) {
  const client = await at.realm.clients.cloudWatch();
  const { Metrics = [] } = await client.send(new ListMetricsCommand({ Namespace: "Mine" }));
  return Metrics.map(({ MetricName, Dimensions = [] }) =>
    [MetricName, ...Dimensions.map(({ Name, Value }) => `${Name}=${Value}`)].join(" "),
  ).toSorted();
}

test("jobs send RunDelay, RunTime and JobFailed once per run, where they or the realm ask for it (WF-200 to 202, WK-170, OPS-230 to OPS-233)", async () => {
  await using at = await workerRealm({
    record: { config: { CW_METRICS_JOB: true, CW_NAMESPACE: "Mine" } },
    jobs: [
      { job_id: "ok", payload: "true" },
      { job_id: "bad", payload: "false", iteration_limit: 2, cw_metrics: "yes" },
      { job_id: "quiet", payload: "true", cw_metrics: "false" },
      { job_id: "all", type: "chain", payload: "ok", cw_metrics: false },
    ],
  });
  const worker = await at.start();
  for (const job_id of ["ok", "bad", "quiet", "all"]) await at.run(job_id);
  await worker.stop();

  const name = at.realm.name;
  expect(await metricsOf(at)).toEqual([
    `JobFailed Job=bad Realm=${name}`,
    `JobFailed Job=ok Realm=${name}`,
    `RunDelay Realm=${name} Worker=core`,
    `RunTime Job=bad Realm=${name}`,
    `RunTime Job=ok Realm=${name}`,
  ]);
  const client = await at.realm.clients.cloudWatch();
  const { Datapoints } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: "Mine",
      MetricName: "JobFailed",
      Dimensions: [
        { Name: "Realm", Value: name },
        { Name: "Job", Value: "bad" },
      ],
      StartTime: new Date(Date.now() - 3_600_000),
      EndTime: new Date(Date.now() + 3_600_000),
      Period: 86_400,
      Statistics: ["Sum", "SampleCount"],
    }),
  );
  expect(Datapoints).toMatchObject([{ Sum: 1, SampleCount: 1 }]);
});

test("a worker sends what its host is like, period after period (WF-203 to 206, WK-171, OPS-234 to OPS-239, CFG-011, CFG-012, CLI-192)", async () => {
  await using at = await workerRealm({
    record: { config: { CW_METRICS_WORKER: true, CW_METRICS_PERIOD: "1s", CW_NAMESPACE: "Mine" } },
  });
  const worker = await at.start({
    observers: [
      cloudWatchMetrics({ DOCKER_HOST: "unix:///nonexistent" }, { firstMs: 0, waitMs: 1 }),
    ],
  });
  const found = await eventually(async () => {
    const all = await metricsOf(at);
    return all.length >= 7 ? all : undefined;
  });
  await worker.stop();

  expect(found.map((metric) => metric.split(" ")[0])).toEqual([
    ...["MaxRss", "MaxRssBytes", "PercentDiskUsed", "PercentMemUsed", "PercentSwapUsed"],
    ...["PercentTmpDiskUsed", "WorkerThreadsAlive", "WorkerThreadsDead"],
  ]);
  expect(found[0]).toMatch(/^MaxRss Instance=\S+ Realm=\S+ Worker=core$/);
});

test("a CloudWatch that is away fails no job; it is recorded with a reason (OPS-233)", async () => {
  await using at = await workerRealm({
    record: { config: { CW_METRICS_JOB: true } },
    jobs: [{ job_id: "ok", payload: "true" }],
  });
  const settings = awsSettingsFromEnv({
    ...at.emulated.environment,
    AWS_ENDPOINT_URL_CLOUDWATCH: "http://127.0.0.1:1",
  });
  await using clients = createAwsClients(settings);
  const realm = await openRealm(at.realm.name, { clients, env: {}, logger: nullLogger });
  const worker = await at.start({ realm });
  const run = await at.run("ok");
  await worker.stop();

  expect(run.status).toBe("complete");
  const day = new Date().toISOString().slice(0, 10);
  const record = await at.realm.events.get({
    job_id: sideChannelsId("core"),
    run_id: `cloudwatch-${day}`,
  });
  expect(record).toMatchObject({ status: "action_failed", extra: { x_reason: "metrics_failed" } });
  expect(record?.log[0]?.info).toContain("Metrics could not be sent to CloudWatch: ");
  expect(
    at.logs.some(({ level, message }) => level === "warn" && message.includes("CloudWatch")),
  ).toBe(true);
});
