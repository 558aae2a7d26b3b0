import { connectSql } from "@lava/connectors";
import type { Data } from "@lava/core";
import { checkNames, defineForeach } from "./generator.ts";

/** `query`: rows of a database, each as globals by the names of its columns (JOB-foreach-09). */
export const query = defineForeach({
  type: "query",
  async *values({ conn_id, query: sql }, { context }) {
    const { realm, job, signal } = context;
    await using client = await connectSql(conn_id, { realm, job_id: job.job_id });
    await using result = await client.stream(sql, { signal, values: "exact", batchSize: 100 });
    const names = (result.columns ?? []).map(({ name }) => name);
    checkNames(names);
    for await (const batch of result.batches) {
      for (const row of batch) {
        yield Object.fromEntries(
          names.map((name, index): [string, Data] => [name, row[index] ?? null]),
        );
      }
    }
  },
});
