import { type DataMap, isMap, LavaError, parseJson, errorText } from "@lava/core";
import * as z from "zod";
import { checkKeys } from "./check-keys.ts";
import { dataMap, text } from "./scalars.ts";
import { toWireJson } from "./wire-json.ts";

/** A message on a worker's queue: one JSON object, nothing may be added (WF-070..076). */
export const dispatchMessage = z.strictObject({
  realm: text.describe("The realm."),
  worker: text.describe("The worker whose queue it is for."),
  job_id: text.describe("The job."),
  run_id: text.describe("The run: a UUID, made by the sender."),
  ts_dispatch: text.describe("The sender's local time, ISO 8601 with offset."),
  parameters: dataMap.optional().describe("Win over the job's parameters, key by key."),
  globals: dataMap
    .optional()
    .describe("Win over the job's globals; `lava` has the sender's own (WF-080)."),
});

/** A message on a worker's queue. */
export interface DispatchMessage {
  readonly realm: string;
  readonly worker: string;
  readonly job_id: string;
  readonly run_id: string;
  readonly ts_dispatch: string;
  readonly parameters?: DataMap;
  readonly globals?: DataMap;
}

/**
 * Reads the body of a message as the original does.
 *
 * @throws {LavaError} BAD_DISPATCH_MESSAGE with the texts of WK-030..032
 */
export function parseDispatchMessage(body: string): DispatchMessage {
  let message: unknown;
  try {
    message = parseJson(body);
  } catch (error) {
    throw bad(`Malformed dispatch message: ${errorText(error)}: ${body}`);
  }
  if (!isMap(message)) throw bad(`Malformed dispatch message: not an object: ${body}`);
  const fault = checkKeys(message, REQUIRED, ["parameters", "globals"]);
  if (fault !== undefined) throw bad(`Malformed dispatch message: ${fault}`);
  for (const key of ["realm", "worker", "job_id", "run_id"]) {
    if (typeof message[key] !== "string") {
      throw bad(`Malformed dispatch message: ${key} must be a string`);
    }
    if (message[key] === "") throw bad(`Malformed dispatch message: ${key} is empty`);
  }
  for (const key of ["parameters", "globals"]) {
    if (message[key] !== undefined && !isMap(message[key])) {
      throw bad(`Malformed dispatch message: ${key} must be a dict`);
    }
  }
  if (typeof message["ts_dispatch"] !== "string" || message["ts_dispatch"].trim() === "") {
    throw bad(`Bad timestamp in dispatch message: ${String(message["ts_dispatch"])}`);
  }
  const { parameters, globals, ...rest } = dispatchMessage.parse(message);
  return {
    ...rest,
    ...(parameters === undefined ? {} : { parameters }),
    ...(globals === undefined ? {} : { globals }),
  };
}

const REQUIRED = ["realm", "worker", "job_id", "run_id", "ts_dispatch"];

/** The body of a message; empty parameters and globals are left out (WF-074). */
export function formatDispatchMessage(message: DispatchMessage): string {
  const { realm, worker, job_id, run_id, ts_dispatch, parameters, globals } = message;
  return toWireJson({
    realm,
    worker,
    job_id,
    run_id,
    ts_dispatch,
    ...(isEmpty(parameters) ? {} : { parameters }),
    ...(isEmpty(globals) ? {} : { globals }),
  });
}

function isEmpty(map: DataMap | undefined): map is undefined {
  return map === undefined || Object.keys(map).length === 0;
}

function bad(message: string): LavaError {
  return new LavaError("BAD_DISPATCH_MESSAGE", message, { retry: "never" });
}
