import type { Row } from "../rig/round.ts";
import { blockedLoop, drain, freeze, kill, secondSignal, splitWorkers } from "./processes.ts";
import {
  cloudWatchDown,
  dynamoDbAfterCommit,
  dynamoDbThrottled,
  endpointRestart,
  everything,
  latency,
  lostDeletes,
  messagesDelayed,
  messagesTwice,
  none,
  receivesLost,
  s3Unavailable,
} from "./services.ts";
import { clockJumps, diskFull, editedSpecs } from "./surroundings.ts";

/** The matrix, in the order of the report. */
export const rows: readonly Row[] = [
  none,
  kill,
  freeze,
  drain,
  secondSignal,
  blockedLoop,
  clockJumps,
  messagesTwice,
  messagesDelayed,
  receivesLost,
  lostDeletes,
  dynamoDbThrottled,
  dynamoDbAfterCommit,
  s3Unavailable,
  cloudWatchDown,
  latency,
  endpointRestart,
  splitWorkers,
  diskFull,
  editedSpecs,
  everything,
];
