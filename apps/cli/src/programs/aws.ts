// The AWS endpoint of a dev realm, as a process of its own: aws.ts DATA-FOLDER PORT
import { systemClock } from "@lava/core";
import { createLineLogger, startLocalAws } from "@lava/local-aws";
import { announceError, announceReady } from "./announce.ts";

const [, , dataDir = "", port = "0"] = process.argv;
try {
  const aws = await startLocalAws({
    dataDir,
    port: Number(port),
    logger: createLineLogger(process.stderr, systemClock),
  });
  const stop = (): void => {
    void aws[Symbol.asyncDispose]().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  process.stdout.write(`listening on ${aws.endpoint}\n`);
  announceReady({ endpoint: aws.endpoint, port: aws.port, region: aws.region, ...aws.credentials });
} catch (error) {
  announceError(error);
  process.exitCode = 1;
}
