import { errorText, LavaError, type Logger, parseDuration } from "@lava/core";
import {
  awsSettingsFromEnv,
  createStopClients,
  isAccessDenied,
  type StopClients,
} from "@lava/realm";
import {
  type BareFunctionOptions,
  checkRealm,
  type Handler,
  openBareFunction,
} from "../function.ts";
import { isReachable } from "./find-instance.ts";
import { STOP_DOCUMENT, stopCommand, stopParameters, type StopSettings } from "./stop-command.ts";
import { parseStopEvent, type TerminatingInstance } from "./stop-event.ts";

/** What the function stop is made of. */
export interface StopFunctionOptions extends BareFunctionOptions {
  readonly clients?: StopClients;
}

/** What the function stop answers. */
export type StopAnswer =
  /** lava-stop runs on the instance and completes the lifecycle action itself. */
  | { readonly outcome: "sent"; readonly command_id: string; readonly document: string }
  /** Nobody on the instance can be told; the lifecycle action, if there was one, is completed. */
  | { readonly outcome: "gone" };

/** Seconds within which the command has to begin. */
const DELIVERY_TIMEOUT = 60;

const SHELL_DOCUMENT = "AWS-RunShellScript";

/**
 * The function stop: ends the workers of an instance that its scaling group is about to terminate (LAM-400..406,
 * OPS-180, OPS-182).
 *
 * @throws {LavaError} NO_REALM, BAD_CONFIG, BAD_LOG_LEVEL
 */
export function createStopFunction(options: StopFunctionOptions): Handler<StopAnswer> {
  const { realm, logger: root, level } = openBareFunction(options);
  const clients = options.clients ?? createStopClients(awsSettingsFromEnv(options.env));
  const settings = {
    wait: durationOf(options.env, "WAIT_TIME", "2m"),
    heartbeat: durationOf(options.env, "LIFECYCLE_HEARTBEAT", "1m"),
    level,
  };
  return async (event, { awsRequestId: request_id, functionName }) => {
    const logger = root.child({ request_id });
    logger.info({ event }, "received event");
    const instance = parseStopEvent(event);
    const { instance_id, group } = instance;
    checkRealm(realm, group === undefined ? [functionName] : [functionName, group]);
    const answer = (await isReachable(instance_id, realm, { clients, logger }))
      ? await sendStop(instance, settings, { clients, logger })
      : undefined;
    if (answer === undefined) await complete(instance, { clients, logger });
    logger.info({ instance_id, ...answer }, "completed");
    return answer ?? { outcome: "gone" };
  };
}

interface Tools {
  readonly clients: StopClients;
  readonly logger: Logger;
}

/** Sends the command. Undefined when the instance is gone. @throws what SSM throws: Lambda tries again (LAM-404) */
async function sendStop(
  instance: TerminatingInstance,
  settings: StopSettings,
  { clients, logger }: Tools,
): Promise<StopAnswer | undefined> {
  const [ssm, sdk] = await Promise.all([clients.ssm(), import("../sdk/ssm.ts")]);
  const send = async (document: string, parameters: Record<string, string[]>) => {
    const { Command } = await ssm.send(
      new sdk.SendCommandCommand({
        InstanceIds: [instance.instance_id],
        DocumentName: document,
        TimeoutSeconds: DELIVERY_TIMEOUT,
        Comment: "lava-stop",
        CloudWatchOutputConfig: { CloudWatchOutputEnabled: true },
        Parameters: parameters,
      }),
    );
    return { outcome: "sent" as const, command_id: Command?.CommandId ?? "", document };
  };
  const sendShell = async (reason: unknown): Promise<StopAnswer> => {
    logger.info({ document: STOP_DOCUMENT, error: errorText(reason) }, "using a shell command");
    const command = stopCommand(instance, settings);
    logger.info({ command }, "command");
    return await send(SHELL_DOCUMENT, { commands: [command] });
  };
  try {
    try {
      return await send(STOP_DOCUMENT, stopParameters(instance, settings));
    } catch (error) {
      // The common stack is not there, is an older one, or the function's role is.
      const isOlder =
        error instanceof sdk.InvalidDocument ||
        error instanceof sdk.InvalidParameters ||
        isAccessDenied(error);
      if (!isOlder) throw error;
      return await sendShell(error);
    }
  } catch (error) {
    if (error instanceof sdk.InvalidInstanceId) return undefined;
    logger.error(
      { instance_id: instance.instance_id, error: errorText(error) },
      "SendCommand failed",
    );
    throw error;
  }
}

/** Lets the group go on at once, where it waits (LAM-405). */
async function complete(
  { instance_id, group, hook, token }: TerminatingInstance,
  { clients, logger }: Tools,
): Promise<void> {
  logger.warn({ instance_id }, "the instance cannot be reached: it is gone or has no SSM agent");
  if (group === undefined || hook === undefined) return;
  const [autoScaling, { CompleteLifecycleActionCommand }] = await Promise.all([
    clients.autoScaling(),
    import("../sdk/auto-scaling.ts"),
  ]);
  try {
    await autoScaling.send(
      new CompleteLifecycleActionCommand({
        AutoScalingGroupName: group,
        LifecycleHookName: hook,
        InstanceId: instance_id,
        ...(token === undefined ? {} : { LifecycleActionToken: token }),
        LifecycleActionResult: "CONTINUE",
      }),
    );
    logger.info({ instance_id, group, hook }, "lifecycle action completed");
  } catch (error) {
    // The hook's own timeout is left, and then the group goes on too.
    logger.error(
      { instance_id, group, hook, error: errorText(error) },
      "cannot complete the lifecycle action",
    );
    if (!isAccessDenied(error)) throw error;
  }
}

/** @throws {LavaError} BAD_CONFIG */
function durationOf(
  env: StopFunctionOptions["env"],
  name: "WAIT_TIME" | "LIFECYCLE_HEARTBEAT",
  byDefault: string,
): string {
  const written = env[name] || byDefault;
  try {
    parseDuration(written);
    return written;
  } catch (error) {
    throw new LavaError("BAD_CONFIG", `Bad ${name}: ${errorText(error)}`, {
      retry: "never",
      cause: error,
    });
  }
}
