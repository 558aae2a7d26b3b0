import type { Job } from "./handler.ts";
import { toLavaGlobals } from "./lava-globals.ts";
import type { RunInput } from "./run-input.ts";

/** The job as handlers see it; state is loaded later. */
export function toJob(
  input: Pick<
    RunInput,
    "record" | "run_id" | "parameters" | "globals" | "ts_dispatch" | "ts_start"
  >,
  services: { readonly realm: { readonly name: string } },
): Job {
  const { record } = input;
  const { lava, ...globals } = input.globals;
  return {
    job_id: record.job_id,
    run_id: input.run_id,
    type: record.type,
    realm: services.realm.name,
    worker: record.worker,
    owner: record.owner,
    payload: record.payload,
    parameters: {},
    rawParameters: input.parameters,
    globals,
    lava: toLavaGlobals(lava, record.job_id, input.ts_start),
    state: record.state,
    ts_dispatch: input.ts_dispatch,
    ts_start: input.ts_start,
    record,
  };
}
