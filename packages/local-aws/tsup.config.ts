import { defineConfig } from "tsup";
import shared from "../../tsup.shared.ts";

/** The library, and the file of the thread that functions run in beside it. */
export default defineConfig({
  ...shared,
  entry: { index: "src/index.ts", "lambda-thread": "src/lambda/runtime-thread.ts" },
});
