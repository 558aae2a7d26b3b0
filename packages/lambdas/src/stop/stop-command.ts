import { parseDuration, quoteShellWord } from "@lava/core";
import type { LogLevel } from "../json-logger.ts";
import type { TerminatingInstance } from "./stop-event.ts";

/** How workers end. */
export interface StopSettings {
  /** How long jobs may take to end, a duration (WAIT_TIME). */
  readonly wait: string;
  /** How often the group hears of it, a duration (LIFECYCLE_HEARTBEAT). */
  readonly heartbeat: string;
  readonly level: LogLevel;
}

/** The document of the common stack, as far as it knows the lifecycle (INF-022, LAM-405). */
export const STOP_DOCUMENT = "lava-StopWorkerDaemons";

/** What a lifecycle action needs to be completed; lava-stop takes group and hook together or not at all (CLI-176). */
function lifecycleOf({ group, hook, token }: TerminatingInstance) {
  return group === undefined || hook === undefined ? undefined : { group, hook, token };
}

/** The shell command that ends the workers of an instance (LAM-402). */
export function stopCommand(instance: TerminatingInstance, settings: StopSettings): string {
  const { wait, heartbeat, level } = settings;
  const lifecycle = lifecycleOf(instance);
  const option = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`--${name}`, quoteShellWord(value)];
  return [
    "nohup lava-stop --no-dispatch --signal SIGHUP",
    ...option("instance-id", instance.instance_id),
    "--log @local0",
    ...option("level", level),
    ...option("wait", wait),
    ...option("auto-scaling-group-name", lifecycle?.group),
    ...option("lifecycle-heartbeat", lifecycle === undefined ? undefined : heartbeat),
    ...option("lifecycle-action-token", lifecycle?.token),
    ...option("lifecycle-hook-name", lifecycle?.hook),
    "> /tmp/lava/__stop__ 2>&1 &",
  ].join(" ");
}

/** The same for {@link STOP_DOCUMENT}, which takes each value always; an empty one is none (CLI-177, INF-021). */
export function stopParameters(
  instance: TerminatingInstance,
  { wait, heartbeat, level }: StopSettings,
): Record<string, string[]> {
  const lifecycle = lifecycleOf(instance);
  const seconds = Math.ceil(parseDuration(wait));
  return {
    // Longer than the jobs may take, so that SSM does not end what waits for them.
    ExecutionTimeout: [String(seconds + 300)],
    LogLevel: [level === "debug" || level === "info" ? level : "warning"],
    Signal: ["SIGHUP"],
    Wait: [`${seconds}s`],
    StopDispatch: ["yes"],
    InstanceId: [instance.instance_id],
    AsgName: [lifecycle?.group ?? ""],
    LifecycleHook: [lifecycle?.hook ?? ""],
    LifecycleToken: [lifecycle?.token ?? ""],
    LifecycleHeartbeat: [lifecycle === undefined ? "" : heartbeat],
  };
}
