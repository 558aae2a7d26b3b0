import { type Data, type DataMap, errorText, isMap, LavaError, parseJson } from "@lava/core";
import { checkKeys, isForeignField } from "@lava/spec";
import { parseDelay } from "../delay.ts";
import { badEvent } from "../input/unwrap.ts";
import { parseRequestLine } from "./parse-request-line.ts";
import { badRequest, checkGlobals } from "./request-faults.ts";
import type { ParsedRequest } from "./request.ts";

/**
 * The requests of one body, each by itself: JSON where it begins with `{` or `[`, else one command line a line
 * (LAM-103, LAM-104, LAM-107, TRAP-LAM-05). One that is wrong does not stop the others (LAM-113, TRIG-14).
 */
export function parseRequests(body: Data, maxDelayMinutes: number): ParsedRequest[] {
  if (typeof body === "string") {
    return /^\s*[[{]/.test(body)
      ? parseText(body, maxDelayMinutes)
      : parseLines(body, maxDelayMinutes);
  }
  if (!isMap(body) && !isList(body)) {
    return [faulty(badRequest("A dispatch request must be an object, a list or text"))];
  }
  if (isMap(body) && "detail-type" in body) return parseBusEvent(body, maxDelayMinutes);
  return parseValue(body, maxDelayMinutes);
}

function parseText(text: string, maxDelayMinutes: number): ParsedRequest[] {
  try {
    return parseValue(parseJson(text), maxDelayMinutes);
  } catch (error) {
    return [faulty(badRequest(`Not valid JSON: ${errorText(error)}`, error))];
  }
}

function parseLines(text: string, maxDelayMinutes: number): ParsedRequest[] {
  const requests = text.split(/\r\n|[\n\r\v\f]/).flatMap((line, index): ParsedRequest[] => {
    try {
      const request = parseRequestLine(line, maxDelayMinutes);
      return request === undefined ? [] : [{ request }];
    } catch (error) {
      const fault = error instanceof LavaError ? error : badRequest(errorText(error), error);
      const [job_id] = line.trim().split(/\s/, 1);
      return [{ job_id, fault: inLine(fault, index + 1) }];
    }
  });
  return requests.length > 0 ? requests : [faulty(badRequest("The message names no job"))];
}

function inLine(fault: LavaError, line: number): LavaError {
  return new LavaError(fault.code, `Line ${line}: ${fault.message}`, {
    cause: fault,
    retry: "never",
  });
}

/** An event that no rule has transformed, its detail a request (LAM-114). */
function parseBusEvent(event: DataMap, maxDelayMinutes: number): ParsedRequest[] {
  if (event["detail-type"] !== "Lava Dispatch" || event["detail"] === undefined) {
    return [
      faulty(
        badEvent(
          `Cannot determine event format: an event of type ${JSON.stringify(event["detail-type"] ?? null)} holds no ` +
            'dispatch request; only "Lava Dispatch" does',
        ),
      ),
    ];
  }
  return parseValue(event["detail"], maxDelayMinutes);
}

function parseValue(value: Data, maxDelayMinutes: number): ParsedRequest[] {
  const list = isList(value) ? value : [value];
  if (list.length === 0) return [faulty(badRequest("The list of requests is empty"))];
  return list.map((item) => parseObject(item, maxDelayMinutes));
}

const OPTIONAL = ["delay", "globals", "parameters", "dispatch_id"];

function parseObject(value: Data, maxDelayMinutes: number): ParsedRequest {
  if (!isMap(value)) return faulty(badRequest(`${JSON.stringify(value)}: must be a dict`));
  const { job_id, dispatch_id } = value;
  const known = typeof job_id === "string" ? job_id : undefined;
  try {
    const fault = checkKeys(value, ["job_id"], OPTIONAL, isForeignField);
    if (fault !== undefined) throw badRequest(fault);
    if (known === undefined || known === "") throw badRequest("job_id must be a string");
    if (dispatch_id !== undefined && typeof dispatch_id !== "string") {
      throw badRequest("dispatch_id must be a string");
    }
    const request = {
      job_id: known,
      delay: parseDelay(value["delay"], maxDelayMinutes, "truncate"),
      globals: checkGlobals(mapField(value, "globals")),
      parameters: mapField(value, "parameters"),
      dispatch_id: dispatch_id || undefined,
    };
    return { request };
  } catch (error) {
    if (!(error instanceof LavaError)) throw error;
    return { job_id: known, fault: error };
  }
}

function mapField(value: DataMap, name: string): DataMap {
  const field = value[name];
  if (field === undefined || field === null) return {};
  if (isMap(field)) return field;
  throw badRequest(`${name} must be a dict`);
}

function faulty(fault: LavaError): ParsedRequest {
  return { job_id: undefined, fault };
}

/** `Array.isArray` that keeps the type of the items. */
function isList(value: Data): value is readonly Data[] {
  return Array.isArray(value);
}
