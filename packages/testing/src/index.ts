/** Helpers for tests: an endpoint, a realm on it, a project in a folder, a clock; all `await using`. */
export { type EmulatedAws, emulatedAws } from "./aws.ts";
export { type FakeClock, fakeClock } from "./fake-clock.ts";
export { generalize, type RunSample, sampleRun, type SampleRunOptions } from "./golden/index.ts";
export {
  checkHistory,
  formatViolation,
  type Guarantee,
  type History,
  listAllRuns,
  type Mark,
  markPayload,
  type Observation,
  observe,
  properties as guaranteeProperties,
  type Property,
  readHistory,
  type ReadHistoryOptions,
  readMarks,
  type Violation,
} from "./history/index.ts";
export { type ProjectDir, projectDir, type ProjectFiles } from "./project-dir.ts";
export { type EmulatedRealm, emulatedRealm, type EmulatedRealmOptions } from "./realm.ts";
