export { generalize } from "./generalize.ts";
export { type RunSample, sampleRun, type SampleRunOptions } from "./sample-run.ts";
