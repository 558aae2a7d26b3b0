import { randomUUID } from "node:crypto";
import type { EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { objectsOf, textOf, textsOf } from "../protocols/input.ts";
import { isJsonObject, type JsonObject } from "../protocols/json.ts";
import type { Buses } from "./buses.ts";

const MAX_ENTRIES = 10;
const MAX_BYTES = 262_144;

/** Takes an event, on its way to the rules of a bus. */
export type EventSink = (bus: string, event: JsonObject) => void;

/** Makes the operation PutEvents. */
export function createPutEvents(
  context: Pick<EngineContext, "store" | "clock" | "region" | "accountId">,
  buses: Buses,
  sink: EventSink,
): (input: JsonObject) => object {
  const { store, clock, region, accountId } = context;

  function putEvent(entry: JsonObject): object {
    const checked = checkEntry(entry);
    if ("ErrorCode" in checked) return checked;
    const { source, detailType, detail } = checked;
    let bus: string;
    try {
      bus = buses.of(textOf(entry, "EventBusName"));
    } catch {
      return { EventId: randomUUID() }; // AWS takes and drops them too
    }
    const time = entry["Time"];
    const event = {
      version: "0",
      id: randomUUID(),
      "detail-type": detailType,
      source,
      account: accountId,
      time: isoTime(typeof time === "number" ? time * 1000 : clock.now()),
      region,
      resources: textsOf(entry, "Resources") ?? [],
      detail,
    };
    sink(bus, event);
    return { EventId: event.id };
  }

  return (input) => {
    const entries = objectsOf(input, "Entries") ?? [];
    if (entries.length < 1 || entries.length > MAX_ENTRIES) {
      throw new AwsError(
        "ValidationException",
        "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and 10",
      );
    }
    if (JSON.stringify(entries).length > MAX_BYTES) {
      throw new AwsError(
        "ValidationException",
        "Total size of the entries in the request is over the limit.",
      );
    }
    const results = store.write(() => entries.map(putEvent));
    return {
      FailedEntryCount: results.filter((result) => "ErrorCode" in result).length,
      Entries: results,
    };
  };
}

/** EventBridge's times have no fraction. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

type Fault = { readonly ErrorCode: string; readonly ErrorMessage: string };

function checkEntry(
  entry: JsonObject,
): Fault | { source: string; detailType: string; detail: JsonObject } {
  const source = textOf(entry, "Source");
  const detailType = textOf(entry, "DetailType");
  const written = textOf(entry, "Detail");
  if (!source) return missing("Source");
  if (source.startsWith("aws.")) {
    return { ErrorCode: "NotAuthorizedForSource", ErrorMessage: "Not authorized for the source." };
  }
  if (!detailType) return missing("DetailType");
  if (written === undefined) return missing("Detail");
  let detail: unknown;
  try {
    detail = JSON.parse(written);
  } catch {
    detail = undefined;
  }
  if (isJsonObject(detail)) return { source, detailType, detail };
  return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
}

function missing(name: string): Fault {
  return {
    ErrorCode: "InvalidArgument",
    ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
  };
}
