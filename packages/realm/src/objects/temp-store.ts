import type { RunKey } from "../events/types.ts";
import { openLiveOutputs } from "./live-output.ts";
import type { TempStore } from "./temp-types.ts";
import type { ObjectStore } from "./types.ts";

/** The temp area of a realm: outputs lie below `<job_id>/<run_id>/` (WF-150 onward). */
export function openTempStore(objects: ObjectStore): TempStore {
  const base = (run: RunKey): string => `${run.job_id}/${run.run_id}`;
  return {
    ...objects,
    live: openLiveOutputs(objects),
    runUri: (run) => objects.uri(base(run)),
    async putOutput(run, name, source) {
      const full = `${base(run)}/${name}`;
      await objects.put(full, source);
      return objects.uri(full);
    },
    async listOutputs(run) {
      const start = `${base(run)}/`;
      const found = await objects.list(start);
      return found.map((object) => ({ ...object, name: object.name.slice(start.length) }));
    },
    streamOutput: (run, name, from) => objects.stream(`${base(run)}/${name}`, from),
    getOutput: (run, name) => objects.get(`${base(run)}/${name}`),
  };
}
