import { application } from "../../tsup.app.ts";

/** The command and the programs that it starts, sharing what they have in common. */
export default application(
  {
    lava: "src/launch/lava.ts",
    aws: "src/launch/aws.ts",
    worker: "src/launch/worker.ts",
    // Looked for beside the bundle by the worker's renewals.
    "renewal-thread": "../../packages/worker/src/renewal/renewal-thread.ts",
  },
  { minify: true, keepNames: true },
);
