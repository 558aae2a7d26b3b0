// A plug-in with a job type that keeps the main thread busy for `payload` milliseconds, as careless ones do.
export const handlers = [
  {
    type: "block",
    parseParameters: (parameters: unknown): unknown => parameters,
    run: (job: { readonly payload: unknown }): Promise<{ exit_status: number }> => {
      const end = performance.now() + Number(String(job.payload));
      while (performance.now() < end);
      return Promise.resolve({ exit_status: 0 });
    },
  },
];
