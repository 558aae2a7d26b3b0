import { type Data, isMap } from "@lava/core";
import { badEvent } from "../input/unwrap.ts";

/** A node that a scaling group is about to end (LAM-400). */
export interface TerminatingInstance {
  readonly instance_id: string;
  readonly group: string | undefined;
  readonly hook: string | undefined;
  readonly token: string | undefined;
}

/**
 * Reads the detail of a terminate lifecycle action, alone or in its whole event; other fields are nobody's business.
 *
 * @throws {LavaError} BAD_EVENT
 */
export function parseStopEvent(event: Data): TerminatingInstance {
  const detail = isMap(event) && isMap(event["detail"]) ? event["detail"] : event;
  if (!isMap(detail)) throw badEvent("Cannot determine event format");
  const field = (name: string): string | undefined => {
    const value = detail[name];
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value === "string") return value;
    throw badEvent(`${name} of a lifecycle action must be a string`);
  };
  const instance_id = field("EC2InstanceId");
  if (instance_id === undefined) throw badEvent("Missing required keys: EC2InstanceId");
  return {
    instance_id,
    group: field("AutoScalingGroupName"),
    hook: field("LifecycleHookName"),
    token: field("LifecycleActionToken"),
  };
}
