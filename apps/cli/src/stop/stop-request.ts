import { constants } from "node:os";
import { errorText, LavaError, parseDuration } from "@lava/core";
import type { LifecycleAction } from "./lifecycle.ts";

const MIN_HEARTBEAT_MS = 60_000;

/** The options that say what is done to the workers and to the lifecycle action. */
export interface StopWords {
  readonly signal: string;
  readonly wait?: string;
  readonly autoScalingGroupName?: string;
  readonly lifecycleHookName?: string;
  readonly instanceId?: string;
  readonly lifecycleActionToken?: string;
  readonly lifecycleHeartbeat?: string;
}

/** What the options ask for; times are in milliseconds. */
export interface StopRequest {
  readonly signal: number;
  readonly wait: number | undefined;
  readonly action: LifecycleAction | undefined;
  readonly heartbeat: number | undefined;
}

/**
 * What the options ask for; empty ones are not given (CLI-177).
 *
 * @throws {LavaError} BAD_OPTIONS
 */
export function stopRequest(words: StopWords): StopRequest {
  const signal = signalNumber(words.signal);
  const wait = durationOf("--wait", words.wait);
  if (wait !== undefined && signal !== constants.signals.SIGHUP) {
    throw refused("--wait needs --signal HUP, by which workers finish");
  }
  return { signal, wait, ...lifecycleOf(words) };
}

function lifecycleOf(words: StopWords): Pick<StopRequest, "action" | "heartbeat"> {
  const group = words.autoScalingGroupName || undefined;
  const hook = words.lifecycleHookName || undefined;
  const instance = words.instanceId || undefined;
  const token = words.lifecycleActionToken || undefined;
  const heartbeat = durationOf("--lifecycle-heartbeat", words.lifecycleHeartbeat);
  if (heartbeat !== undefined && heartbeat < MIN_HEARTBEAT_MS) {
    throw refused("--lifecycle-heartbeat must be at least 60 seconds");
  }
  if (group === undefined || hook === undefined) {
    const others = [group, hook, instance, token, heartbeat];
    if (others.every((value) => value === undefined)) return { action: undefined, heartbeat };
    throw refused("A lifecycle action has --auto-scaling-group-name and --lifecycle-hook-name");
  }
  if (instance === undefined && token === undefined) {
    throw refused("A lifecycle action has --instance-id or --lifecycle-action-token");
  }
  return {
    heartbeat,
    action: {
      AutoScalingGroupName: group,
      LifecycleHookName: hook,
      ...(instance === undefined ? {} : { InstanceId: instance }),
      ...(token === undefined ? {} : { LifecycleActionToken: token }),
    },
  };
}

/** Names have any case and may go without SIG; 0 is a number too (CLI-175, CLI-178). */
function signalNumber(text: string): number {
  const wanted = text.toUpperCase();
  const known = Object.entries(constants.signals).find(
    ([name, number]) => wanted === name || `SIG${wanted}` === name || wanted === String(number),
  );
  if (known !== undefined) return known[1];
  if (text === "0") return 0;
  throw refused(`--signal: ${text} is no signal`);
}

function durationOf(option: string, text: string | undefined): number | undefined {
  if (!text) return undefined;
  try {
    return parseDuration(text) * 1000;
  } catch (error) {
    throw refused(`${option}: ${errorText(error)}`);
  }
}

function refused(message: string): LavaError {
  return new LavaError("BAD_OPTIONS", message, { kind: "usage" });
}
