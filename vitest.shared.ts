import { defineConfig } from "vitest/config";

// Tests run on the sources of every workspace package. Not "module": the AWS SDK's files under it
// have imports that Node cannot resolve.
const conditions = ["@lava/source", "node"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    restoreMocks: true,
    unstubEnvs: true,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
