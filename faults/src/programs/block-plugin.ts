// A plug-in with a job type that keeps the main thread busy for `payload` milliseconds, as careless ones do.
import { defineJobType, type Plugin } from "@lava/worker";
import * as z from "zod";

export const plugin: Plugin = {
  jobTypes: [
    defineJobType({
      type: "block",
      parameters: z.object({}),
      run(job) {
        const end = performance.now() + Number(job.payload);
        while (performance.now() < end);
        return Promise.resolve({ exit_status: 0 });
      },
    }),
  ],
};
