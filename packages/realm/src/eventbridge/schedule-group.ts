import type { GetScheduleOutput } from "@aws-sdk/client-scheduler";
import { awsErrorCode, fromAwsError } from "../aws-errors.ts";
import type { AwsClients } from "../clients.ts";

/** A schedule by the names of the API of EventBridge Scheduler; dates are ISO 8601. */
export interface ScheduleEntry {
  readonly Name: string;
  readonly Description: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone: string;
  readonly StartDate?: string;
  readonly EndDate?: string;
  readonly FlexibleTimeWindow:
    | { readonly Mode: "OFF" }
    | { readonly Mode: "FLEXIBLE"; readonly MaximumWindowInMinutes: number };
  readonly Target: {
    readonly Arn: string;
    readonly RoleArn: string;
    readonly Input: string;
    readonly DeadLetterConfig?: { readonly Arn: string };
    readonly RetryPolicy: {
      readonly MaximumEventAgeInSeconds: number;
      readonly MaximumRetryAttempts: number;
    };
  };
}

/** The schedules of a realm in EventBridge Scheduler. */
export interface ScheduleGroup {
  readonly name: string;
  /** Names of those that are there; none where the group is not. */
  names(): Promise<ReadonlySet<string>>;
  /** A schedule as it is there; undefined when it is not, or is switched off. */
  get(name: string): Promise<ScheduleEntry | undefined>;
  /** Makes a schedule, or changes it; makes the group where it is missing. */
  put(entry: ScheduleEntry): Promise<void>;
  /** @returns whether it was there */
  delete(name: string): Promise<boolean>;
}

/** The group of a realm: `lava-<realm>`. */
export function openScheduleGroup(clients: AwsClients, realm: string): ScheduleGroup {
  const name = `lava-${realm}`;
  const open = () => Promise.all([clients.scheduler(), import("../sdk/scheduler.ts")]);

  async function call<T>(
    action: (use: Awaited<ReturnType<typeof open>>) => Promise<T>,
  ): Promise<T> {
    try {
      return await action(await open());
    } catch (error) {
      throw fromAwsError(error, clients.settings, "SCHEDULER");
    }
  }

  async function create({ StartDate, EndDate, ...entry }: ScheduleEntry): Promise<void> {
    const full = {
      ...entry,
      GroupName: name,
      ...(StartDate === undefined ? {} : { StartDate: new Date(StartDate) }),
      ...(EndDate === undefined ? {} : { EndDate: new Date(EndDate) }),
    };
    await call(async ([client, sdk]) => {
      try {
        await client.send(new sdk.CreateScheduleCommand(full));
      } catch (error) {
        if (awsErrorCode(error) !== "ConflictException") throw error;
        await client.send(new sdk.UpdateScheduleCommand(full));
      }
    });
  }

  return {
    name,
    async names() {
      const found = new Set<string>();
      try {
        await call(async ([client, sdk]) => {
          for await (const page of sdk.paginateListSchedules({ client }, { GroupName: name })) {
            for (const { Name } of page.Schedules ?? []) if (Name !== undefined) found.add(Name);
          }
        });
      } catch (error) {
        if (awsErrorCode(error) !== "ResourceNotFoundException") throw error;
      }
      return found;
    },
    async get(schedule) {
      try {
        const found = await call(([client, sdk]) =>
          client.send(new sdk.GetScheduleCommand({ GroupName: name, Name: schedule })),
        );
        return found.State === "DISABLED" ? undefined : toEntry(found);
      } catch (error) {
        if (awsErrorCode(error) === "ResourceNotFoundException") return undefined;
        throw error;
      }
    },
    async put(entry) {
      try {
        await create(entry);
      } catch (error) {
        if (awsErrorCode(error) !== "ResourceNotFoundException") throw error;
        await call(async ([client, sdk]) => {
          try {
            await client.send(new sdk.CreateScheduleGroupCommand({ Name: name }));
          } catch (fault) {
            if (awsErrorCode(fault) !== "ConflictException") throw fault;
          }
        });
        await create(entry);
      }
    },
    async delete(schedule) {
      try {
        await call(([client, sdk]) =>
          client.send(new sdk.DeleteScheduleCommand({ GroupName: name, Name: schedule })),
        );
        return true;
      } catch (error) {
        if (awsErrorCode(error) === "ResourceNotFoundException") return false;
        throw error;
      }
    },
  };
}

/** What we set of a schedule, in the order in which we set it. */
function toEntry(found: GetScheduleOutput): ScheduleEntry {
  const {
    Target = { Arn: "", RoleArn: "" },
    FlexibleTimeWindow: window,
    StartDate,
    EndDate,
  } = found;
  const {
    Arn = "",
    RoleArn = "",
    Input = "",
    DeadLetterConfig: letters,
    RetryPolicy: retry,
  } = Target;
  const minutes = window?.MaximumWindowInMinutes;
  return {
    Name: found.Name ?? "",
    Description: found.Description ?? "",
    ScheduleExpression: found.ScheduleExpression ?? "",
    ScheduleExpressionTimezone: found.ScheduleExpressionTimezone ?? "UTC",
    ...(StartDate === undefined ? {} : { StartDate: StartDate.toISOString() }),
    ...(EndDate === undefined ? {} : { EndDate: EndDate.toISOString() }),
    FlexibleTimeWindow:
      window?.Mode === "FLEXIBLE" && minutes !== undefined
        ? { Mode: "FLEXIBLE", MaximumWindowInMinutes: minutes }
        : { Mode: "OFF" },
    Target: {
      Arn,
      RoleArn,
      Input,
      ...(letters?.Arn === undefined ? {} : { DeadLetterConfig: { Arn: letters.Arn } }),
      RetryPolicy: {
        MaximumEventAgeInSeconds: retry?.MaximumEventAgeInSeconds ?? 86_400,
        MaximumRetryAttempts: retry?.MaximumRetryAttempts ?? 185,
      },
    },
  };
}
