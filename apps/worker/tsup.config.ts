import { application } from "../../tsup.app.ts";

/** The daemon. */
export default application({
  main: "src/main.ts",
  // Looked for beside the bundle by the worker's renewals.
  "renewal-thread": "../../packages/worker/src/renewal/renewal-thread.ts",
});
