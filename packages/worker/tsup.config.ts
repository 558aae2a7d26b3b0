import { defineConfig } from "tsup";
import shared from "../../tsup.shared.ts";

/** The library, and the file of its renewal thread beside it. */
export default defineConfig({
  ...shared,
  entry: { index: "src/index.ts", "renewal-thread": "src/renewal/renewal-thread.ts" },
});
