import type { LavaGlobals } from "../handler.ts";

/**
 * Name of an output of a job that may run under a foreach: iterations after the first get their index, so that they
 * do not overwrite each other's (JOB-foreach-15, TRAP-OPS-14). `nested` says that the job runs as the child of
 * another one: a job that was dispatched only inherits the index of its sender (WK-139).
 */
export function outputName(
  name: string,
  { foreach_index }: Pick<LavaGlobals, "foreach_index">,
  nested: boolean,
): string {
  return nested && foreach_index !== undefined && foreach_index > 0
    ? `${name}.${foreach_index}`
    : name;
}
