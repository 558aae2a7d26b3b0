import { type Data, isMap, LavaError } from "@lava/core";
import { type ActionContext, type ActionResult, defineAction } from "../action.ts";
import { pythonJson } from "../python-json.ts";

/** `event`: puts an event on an EventBridge bus (ACT-event-01 to 03, WF-220). */
export const event = defineAction({
  type: "event",
  async run(action, context, result) {
    const { source, detail_type, event_bus, resources } = action;
    const render = (text: string, ...path: (string | number)[]): string =>
      context.render(text, { result }, { path });
    const entry = {
      Detail: toDetail(action.detail, context, result),
      Source: source === undefined ? `lava.${context.realm.name}` : render(source, "source"),
      DetailType:
        detail_type === undefined ? "Lava Job Action" : render(detail_type, "detail_type"),
      ...(event_bus === undefined ? {} : { EventBusName: render(event_bus, "event_bus") }),
      ...(resources === undefined
        ? {}
        : { Resources: resources.map((arn, index) => render(arn, "resources", index)) }),
    };
    const client = await context.realm.clients.eventBridge();
    const { PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
    const { FailedEntryCount = 0, Entries = [] } = await client.send(
      new PutEventsCommand({ Entries: [entry] }),
      { abortSignal: context.signal },
    );
    if (FailedEntryCount === 0) return;
    const [fault] = Entries;
    throw new LavaError(
      "EVENT_REFUSED",
      `Failed to put event to EventBridge: ${fault?.ErrorCode ?? ""}: ${fault?.ErrorMessage ?? ""}`,
    );
  },
});

/** Detail as JSON text: a map, text that is a JSON object, or what happened by default (ACT-event-02). */
function toDetail(detail: Data | undefined, context: ActionContext, result: ActionResult): string {
  if (detail === undefined || detail === null) {
    const { job_id, run_id, worker } = context.job;
    const exit_status = exitStatusOf(result);
    return pythonJson({ realm: context.realm.name, worker, job_id, run_id, exit_status });
  }
  const at = { path: ["detail"] };
  if (typeof detail !== "string") return pythonJson(context.renderDeep(detail, { result }, at));
  const text = context.render(detail, { result }, at);
  return isJsonObject(text) ? text : pythonJson(text);
}

/** A failure has its status in the partial result, where it has one. */
function exitStatusOf(result: ActionResult): unknown {
  const partial = result["error_data"];
  return result["exit_status"] ?? (isMap(partial) ? partial["exit_status"] : undefined) ?? 1;
}

function isJsonObject(text: string): boolean {
  try {
    return isMap(JSON.parse(text));
  } catch {
    return false;
  }
}
