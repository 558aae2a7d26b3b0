import { type Data, type DataMap, errorText, isMap, LavaError } from "@lava/core";
import { pyIsoDateTime, renderDeep, type Renderer, type TemplateContext } from "@lava/render";
import { parseStoredS3Trigger, type StoredS3Trigger } from "@lava/spec";
import { parseDelay } from "../delay.ts";
import { checkGlobals } from "../dispatch/request-faults.ts";
import { type CheckedCondition, checkConditions } from "./conditions.ts";
import type { S3Event } from "./s3-event.ts";

/** One run that a trigger asks for. */
export interface TriggeredRun {
  readonly job_id: string;
  /** Place in the trigger's list of jobs. */
  readonly index: number;
  /** Whole seconds. */
  readonly delay: number;
  readonly globals: DataMap;
  readonly parameters: DataMap;
}

/** What becomes of one trigger for one event. */
export interface TriggerDecision {
  readonly trigger_id: string;
  readonly outcome: "fires" | "disabled" | "conditions" | "bad";
  readonly conditions: readonly CheckedCondition[];
  readonly runs: readonly TriggeredRun[];
  /** What is wrong with the trigger, where it is bad; also of a job id that cannot be rendered while others can. */
  readonly faults: readonly LavaError[];
}

/** What evaluation needs besides trigger and event. */
export interface EvaluateOptions {
  readonly renderer: Renderer;
  /** The `utils` of templates. */
  readonly utils: unknown;
  /** SQS_MAX_DELAY_MINS. */
  readonly maxDelayMinutes: number;
}

/** Decides on one trigger for one event; nothing is sent and nothing is asked (LAM-206..211, TRIG-03..08). */
export function evaluateTrigger(
  item: DataMap,
  event: S3Event,
  options: EvaluateOptions,
): TriggerDecision {
  const trigger_id = typeof item["trigger_id"] === "string" ? item["trigger_id"] : "?";
  const none = { trigger_id, conditions: [], runs: [], faults: [] };
  try {
    const trigger = parseStoredS3Trigger(item);
    const delay = parseDelay(trigger.delay, options.maxDelayMinutes, "truncate");
    if (!trigger.enabled) return { ...none, outcome: "disabled" };
    const conditions = checkConditions(trigger, event);
    if (conditions.some(({ holds }) => !holds))
      return { ...none, outcome: "conditions", conditions };
    return { ...render(trigger, event, delay, options), trigger_id, conditions };
  } catch (error) {
    return { ...none, outcome: "bad", faults: [toFault(error)] };
  }
}

function render(
  trigger: StoredS3Trigger,
  event: S3Event,
  delay: number,
  { renderer, utils }: EvaluateOptions,
): Pick<TriggerDecision, "outcome" | "runs" | "faults"> {
  const context = contextOf(event, utils);
  const renderMap = (name: "globals" | "parameters"): DataMap =>
    trigger.jinja ? renderTexts(renderer, trigger[name], context, name) : trigger[name];
  const globals = checkGlobals(renderMap("globals"));
  const parameters = renderMap("parameters");
  const runs: TriggeredRun[] = [];
  const faults: LavaError[] = [];
  for (const [index, written] of trigger.job_id.entries()) {
    try {
      const job_id = trigger.jinja
        ? renderer.render(written, context, { name: "job_id" })
        : written;
      runs.push({ job_id, index, delay, globals, parameters });
    } catch (error) {
      faults.push(toFault(error));
    }
  }
  return { outcome: runs.length === 0 ? "bad" : "fires", runs, faults };
}

/** What templates of a trigger see (TRIG-07, LAM-211). */
function contextOf(event: S3Event, utils: unknown): TemplateContext {
  const { raw, identity: _identity, ...info } = event;
  const event_time = event.event_time === null ? null : readTime(event.event_time);
  return {
    bucket: event.bucket,
    key: event.key,
    event: raw,
    info: { ...info, event_time },
    utils,
  };
}

function readTime(text: string): unknown {
  try {
    return pyIsoDateTime(text);
  } catch {
    return text;
  }
}

/** Renders each text of a map by itself, names included: a key with a quote in it can break nothing (LAM-216). */
function renderTexts(
  renderer: Renderer,
  map: DataMap,
  context: TemplateContext,
  name: string,
): DataMap {
  const named = (value: Data): Data => {
    if (Array.isArray(value)) return value.map((item: Data) => named(item));
    if (!isMap(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key.includes("{") ? renderer.render(key, context, { name }) : key,
        named(item),
      ]),
    );
  };
  const rendered = named(renderDeep(renderer, map, context, { name }));
  return isMap(rendered) ? rendered : {};
}

function toFault(error: unknown): LavaError {
  if (error instanceof LavaError) {
    return error.retry === "never"
      ? error
      : new LavaError(error.code, error.message, {
          cause: error,
          retry: "never",
          issues: error.issues,
        });
  }
  return new LavaError("BAD_TRIGGER_RECORD", `Bad trigger spec: ${errorText(error)}`, {
    cause: error,
    retry: "never",
  });
}
