import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      "packages/*/vitest.config.ts",
      "apps/*/vitest.config.ts",
      "examples/*/vitest.config.ts",
      "{infra,tools,bench,faults}/vitest.config.ts",
    ],
    reporters: ["default", "./tools/count-reporter.ts"],
  },
});
