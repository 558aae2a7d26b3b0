/** Runs the endpoint as a process: `main.ts --data DIR --port N [--region R] [--account ID]`. */
import { parseArgs } from "node:util";
import { errorText, LavaError, systemClock } from "@lava/core";
import { createLineLogger } from "./line-logger.ts";
import { startLocalAws } from "./server.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: "string" },
      port: { type: "string", default: "0" },
      region: { type: "string" },
      account: { type: "string" },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new LavaError("BAD_PORT", `${values.port} is not a port`, { kind: "usage" });
  }
  const stopped = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => stopped.resolve());

  await using aws = await startLocalAws({
    port,
    logger: createLineLogger(process.stderr, systemClock),
    ...(values.data === undefined ? {} : { dataDir: values.data }),
    ...(values.region === undefined ? {} : { region: values.region }),
    ...(values.account === undefined ? {} : { accountId: values.account }),
  });
  const { endpoint, region, accountId } = aws;
  process.stdout.write(`${JSON.stringify({ endpoint, port: aws.port, region, accountId })}\n`);
  await stopped.promise;
}

try {
  await main();
} catch (error) {
  const hint = error instanceof LavaError ? error.hint : undefined;
  process.stderr.write(`${errorText(error)}${hint === undefined ? "" : `\n${hint}`}\n`);
  process.exitCode = error instanceof LavaError && error.kind === "usage" ? 2 : 1;
}
