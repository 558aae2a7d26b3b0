import { type DataMap, LavaError } from "@lava/core";
import { type ActionParameters, type ActionType, actionTypes } from "./action/index.ts";
import { checkKeys } from "./check-keys.ts";
import { type JobParameters, jobParameters, type JobType } from "./job/index.ts";
import { type OnWarning, type Reading, readLenient } from "./read-lenient.ts";

/** Texts that stand by themselves in the original, without the words "Bad job parameters". */
const WHOLE_TEXTS =
  /^(?:vars must be|connections parameter must|Bad |values must be|No foreach handler|env must be|Invalid )/;

/**
 * Reads the parameters of a run, record and message merged, as the original does: keys strictly, values leniently
 * (JOB-all-01, WK-179).
 *
 * @throws {LavaError} BAD_JOB_PARAMETERS
 */
export function parseJobParameters<T extends JobType>(
  type: T,
  parameters: DataMap,
  warn?: OnWarning,
): JobParameters<T> {
  const reading = special(type, parameters) ?? readLenient(jobParameters[type], parameters, warn);
  if ("fault" in reading) {
    throw new LavaError("BAD_JOB_PARAMETERS", originalText(reading.fault), { retry: "never" });
  }
  assertJob(type, reading);
  return reading.value;
}

/** What the original would say for a fault (JOB-foreach-16, JOB-docker-06). */
function originalText(fault: string): string {
  if (WHOLE_TEXTS.test(fault)) return fault;
  const inner = /^(foreach|host_config): ((?:Missing|Unexpected) keys: .*)$/s.exec(fault);
  if (inner?.[1] === "foreach") return inner[2] ?? fault;
  if (inner?.[1] === "host_config") return `Bad host_config parameters: ${inner[2] ?? fault}`;
  return `Bad job parameters: ${fault}`;
}

/** Checks of the original that are not about keys or kinds. */
function special(type: JobType, parameters: DataMap): { readonly fault: string } | undefined {
  if (type === "pkg") return commandFault(parameters);
  if (type === "redshift_unload") return unloadFault(parameters);
  return undefined;
}

function commandFault(parameters: DataMap): { readonly fault: string } | undefined {
  const fault = checkKeys(parameters, [], Object.keys(jobParameters.pkg.shape));
  if (fault !== undefined) return { fault };
  if (parameters["command"] && parameters["main"]) {
    return { fault: 'Only one of "command" or "main" (deprecated) allowed' };
  }
  return parameters["command"] || parameters["main"] ? undefined : { fault: "No command" };
}

function unloadFault(parameters: DataMap): { readonly fault: string } | undefined {
  const fault = checkKeys(
    parameters,
    ["args", "bucket", "conn_id", "relation", "schema"],
    Object.keys(jobParameters.redshift_unload.shape),
  );
  if (fault !== undefined) return { fault };
  return (parameters["prefix"] ?? parameters["key"]) ? undefined : { fault: "prefix is required" };
}

/**
 * Reads the fields of an action as the original does; `action` itself may be there. The text has no prefix: the
 * worker puts `<event> action: <type>: ` before it (ACT-all-02).
 *
 * @throws {LavaError} BAD_ACTION_PARAMETERS
 */
export function parseActionParameters<T extends ActionType>(
  type: T,
  parameters: DataMap,
  warn?: OnWarning,
): ActionParameters<T> {
  const { shape } = actionTypes[type].parameters;
  const names = Object.keys(shape);
  const { action: _action, ...fields } = parameters;
  const known = actionTypes[type].closed
    ? fields
    : Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
  const reading: Reading = readLenient(actionTypes[type].parameters, known, warn);
  if ("fault" in reading) {
    throw new LavaError("BAD_ACTION_PARAMETERS", reading.fault, { retry: "never" });
  }
  assertAction(type, reading);
  return reading.value;
}

/** The value was read by the schema of this job type: that it is of its type is taken on trust here only. */
function assertJob<T extends JobType>(
  _type: T,
  _reading: { readonly value: unknown },
): asserts _reading is { readonly value: JobParameters<T> } {
  // The reading itself was the check.
}

/** As {@link assertJob}, for actions. */
function assertAction<T extends ActionType>(
  _type: T,
  _reading: { readonly value: unknown },
): asserts _reading is { readonly value: ActionParameters<T> } {
  // The reading itself was the check.
}
