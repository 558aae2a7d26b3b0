import { lambdaBundles } from "../../packages/lambdas/bundles.ts";
import { application } from "../../tsup.app.ts";

/** The command and the programs that it starts, sharing what they have in common. */
const programs = application(
  {
    lava: "src/launch/lava.ts",
    // The original's commands: what they are called says what they do.
    jinja: "src/launch/jinja.ts",
    "lava-check": "src/launch/lava-check.ts",
    "lava-checksum": "src/launch/lava-checksum.ts",
    "lava-conn-usage": "src/launch/lava-conn-usage.ts",
    "lava-dag-gen": "src/launch/lava-dag-gen.ts",
    "lava-dispatcher": "src/launch/lava-dispatcher.ts",
    "lava-docker": "src/launch/lava-docker.ts",
    "lava-dump": "src/launch/lava-dump.ts",
    "lava-email": "src/launch/lava-email.ts",
    "lava-events": "src/launch/lava-events.ts",
    "lava-item": "src/launch/lava-item.ts",
    "lava-job-activity": "src/launch/lava-job-activity.ts",
    "lava-new": "src/launch/lava-new.ts",
    "lava-pkg": "src/launch/lava-pkg.ts",
    "lava-ps": "src/launch/lava-ps.ts",
    "lava-rsc": "src/launch/lava-rsc.ts",
    "lava-schema": "src/launch/lava-schema.ts",
    "lava-sharepoint": "src/launch/lava-sharepoint.ts",
    "lava-slack": "src/launch/lava-slack.ts",
    "lava-smb": "src/launch/lava-smb.ts",
    "lava-sql": "src/launch/lava-sql.ts",
    "lava-state": "src/launch/lava-state.ts",
    "lava-stop": "src/launch/lava-stop.ts",
    "lava-version": "src/launch/lava-version.ts",
    "lava-worker": "src/launch/lava-worker.ts",
    s3lambda: "src/launch/s3lambda.ts",
    aws: "src/launch/aws.ts",
    worker: "src/launch/worker.ts",
    scheduler: "src/launch/scheduler.ts",
    // Looked for beside the bundle by the functions of the AWS endpoint.
    "lambda-thread": "../../packages/local-aws/src/lambda/runtime-thread.ts",
    // Looked for beside the bundle by the worker's renewals.
    "renewal-thread": "../../packages/worker/src/renewal/renewal-thread.ts",
  },
  { minify: true, keepNames: true, clean: ["!functions/**"] },
);

/** And the functions that it installs, each for itself. */
export default [programs, { ...lambdaBundles("../../packages/lambdas"), outDir: "dist/functions" }];
