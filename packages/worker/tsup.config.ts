import { defineConfig } from "tsup";
import shared from "../../tsup.shared.ts";

/** The library, and beside it the program that guards a worker's jobs. */
export default defineConfig({
  ...shared,
  entry: { index: "src/index.ts", watchdog: "src/watchdog/program.ts" },
});
