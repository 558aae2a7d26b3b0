import { type Clock, errorText, type Logger } from "@lava/core";
import type { AwsClients } from "@lava/realm";

/** A lifecycle action of an auto scaling group that waits for us (CLI-176). */
export interface LifecycleAction {
  readonly AutoScalingGroupName: string;
  readonly LifecycleHookName: string;
  readonly InstanceId?: string;
  readonly LifecycleActionToken?: string;
}

/** Tells the group so often, in milliseconds, that we are at work, until disposed of; failures are logged. */
export function startHeartbeat(
  action: LifecycleAction,
  interval: number,
  { clients, clock, logger }: { clients: AwsClients; clock: Clock; logger: Logger },
): AsyncDisposable {
  const ended = new AbortController();
  const beat = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(interval, ended.signal);
      try {
        const client = await clients.autoScaling();
        const { RecordLifecycleActionHeartbeatCommand } =
          await import("@aws-sdk/client-auto-scaling");
        await client.send(new RecordLifecycleActionHeartbeatCommand(action));
        logger.info({}, "Lifecycle hook heartbeat sent");
      } catch (error) {
        logger.error({}, `Lifecycle heartbeat error: ${errorText(error)}`);
      }
    }
  };
  const done = beat().catch(() => undefined);
  return {
    async [Symbol.asyncDispose]() {
      ended.abort();
      await done;
    },
  };
}

/** Lets the group go on with the end of the instance. */
export async function completeLifecycleAction(
  action: LifecycleAction,
  clients: AwsClients,
): Promise<void> {
  const client = await clients.autoScaling();
  const { CompleteLifecycleActionCommand } = await import("@aws-sdk/client-auto-scaling");
  await client.send(
    new CompleteLifecycleActionCommand({ ...action, LifecycleActionResult: "CONTINUE" }),
  );
}
