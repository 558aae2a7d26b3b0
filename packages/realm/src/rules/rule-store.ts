import { type DataMap, errorText, isMap, LavaError } from "@lava/core";
import { awsErrorCode, fromAwsError } from "../aws-errors.ts";
import type { AwsClients } from "../clients.ts";
import type { EventRule, RuleStore } from "./types.ts";

/** Targets in one PutTargets or RemoveTargets. */
const BATCH = 10;

/** The rules of an account's event buses. */
export function openRuleStore(clients: AwsClients): RuleStore {
  const load = () => Promise.all([clients.eventBridge(), import("../sdk/eventbridge.ts")]);
  type Loaded = Awaited<ReturnType<typeof load>>;

  async function call<T>(
    what: string,
    action: (client: Loaded[0], sdk: Loaded[1]) => Promise<T>,
  ): Promise<T> {
    try {
      return await action(...(await load()));
    } catch (error) {
      const known = fromAwsError(error, clients.settings, "EVENTBRIDGE");
      if (known instanceof LavaError || awsErrorCode(error) === "ResourceNotFoundException") {
        throw known;
      }
      throw new LavaError("RULE_FAILED", `${what}: ${errorText(error)}`, { cause: error });
    }
  }

  async function listTargets(bus: string, name: string): Promise<DataMap[]> {
    const targets: DataMap[] = [];
    let token: string | undefined;
    do {
      const page = await call(`Cannot list the targets of rule ${name}`, (client, sdk) =>
        client.send(
          new sdk.ListTargetsByRuleCommand({
            Rule: name,
            EventBusName: bus,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
        ),
      );
      for (const target of page.Targets ?? []) targets.push(toMap(target));
      token = page.NextToken;
    } while (token !== undefined);
    return targets.toSorted(byId);
  }

  async function get(bus: string, name: string): Promise<EventRule | undefined> {
    try {
      const found = await call(`Cannot read rule ${name}`, async (client, sdk) => {
        const rule = await client.send(
          new sdk.DescribeRuleCommand({ Name: name, EventBusName: bus }),
        );
        const { Tags = [] } = await client.send(
          new sdk.ListTagsForResourceCommand({ ResourceARN: rule.Arn }),
        );
        return {
          rule,
          tags: Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value])),
        };
      });
      const { rule, tags } = found;
      return {
        name,
        bus,
        enabled: rule.State !== "DISABLED",
        description: rule.Description,
        pattern: rule.EventPattern,
        schedule: rule.ScheduleExpression,
        role: rule.RoleArn,
        targets: await listTargets(bus, name),
        tags,
      };
    } catch (error) {
      if (awsErrorCode(error) === "ResourceNotFoundException") return undefined;
      throw error;
    }
  }

  async function removeTargets(bus: string, name: string, ids: readonly string[]): Promise<void> {
    for (const part of batches(ids)) {
      const answer = await call(`Cannot remove targets of rule ${name}`, (client, sdk) =>
        client.send(
          new sdk.RemoveTargetsCommand({
            Rule: name,
            EventBusName: bus,
            Ids: [...part],
            Force: true,
          }),
        ),
      );
      throwFailed(name, answer.FailedEntries);
    }
  }

  return {
    get,
    async hasBus(bus) {
      try {
        await call(`Cannot look at event bus ${bus}`, (client, sdk) =>
          client.send(new sdk.DescribeEventBusCommand({ Name: bus })),
        );
        return true;
      } catch (error) {
        if (awsErrorCode(error) === "ResourceNotFoundException") return false;
        throw error;
      }
    },
    async put(rule) {
      const { name, bus } = rule;
      const before = await get(bus, name);
      const arn = await call(`Cannot put rule ${name}`, async (client, sdk) => {
        const { RuleArn } = await client.send(
          new sdk.PutRuleCommand({
            Name: name,
            EventBusName: bus,
            State: rule.enabled ? "ENABLED" : "DISABLED",
            ...(rule.description === undefined ? {} : { Description: rule.description }),
            ...(rule.pattern === undefined ? {} : { EventPattern: rule.pattern }),
            ...(rule.schedule === undefined ? {} : { ScheduleExpression: rule.schedule }),
            ...(rule.role === undefined ? {} : { RoleArn: rule.role }),
            ...(before === undefined ? { Tags: tagList(rule.tags) } : {}),
          }),
        );
        return RuleArn;
      });
      for (const part of batches(rule.targets)) {
        const answer = await call(`Cannot put targets of rule ${name}`, (client, sdk) =>
          client.send(
            new sdk.PutTargetsCommand({
              Rule: name,
              EventBusName: bus,
              Targets: part.map((target) => ({
                ...target,
                Id: idOf(target),
                Arn: String(target["Arn"]),
              })),
            }),
          ),
        );
        throwFailed(name, answer.FailedEntries);
      }
      if (before === undefined) return;
      const kept = new Set(rule.targets.map(idOf));
      await removeTargets(
        bus,
        name,
        before.targets.map(idOf).filter((id) => !kept.has(id)),
      );
      const gone = Object.keys(before.tags).filter((key) => !Object.hasOwn(rule.tags, key));
      await call(`Cannot tag rule ${name}`, async (client, sdk) => {
        await client.send(
          new sdk.TagResourceCommand({ ResourceARN: arn, Tags: tagList(rule.tags) }),
        );
        if (gone.length > 0) {
          await client.send(new sdk.UntagResourceCommand({ ResourceARN: arn, TagKeys: gone }));
        }
      });
    },
    async delete(bus, name) {
      try {
        await removeTargets(bus, name, (await listTargets(bus, name)).map(idOf));
        await call(`Cannot delete rule ${name}`, (client, sdk) =>
          client.send(new sdk.DeleteRuleCommand({ Name: name, EventBusName: bus, Force: true })),
        );
      } catch (error) {
        if (awsErrorCode(error) !== "ResourceNotFoundException") throw error;
      }
    },
  };
}

function idOf(target: DataMap): string {
  return String(target["Id"]);
}

function byId(a: DataMap, b: DataMap): number {
  return idOf(a) < idOf(b) ? -1 : 1;
}

function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** A target as plain data, without what the SDK leaves undefined. */
function toMap(target: object): DataMap {
  const value: unknown = JSON.parse(JSON.stringify(target));
  if (!isMap(value)) throw new TypeError("a target is no map");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what comes out of JSON.parse is data
  return value as DataMap;
}

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let first = 0; first < items.length; first += BATCH) yield items.slice(first, first + BATCH);
}

interface FailedEntry {
  readonly TargetId?: string | undefined;
  readonly ErrorCode?: string | undefined;
  readonly ErrorMessage?: string | undefined;
}

function throwFailed(name: string, failed: readonly FailedEntry[] = []): void {
  if (failed.length === 0) return;
  const texts = failed.map(
    ({ TargetId = "", ErrorCode = "", ErrorMessage = "" }) =>
      `${TargetId}: ${ErrorCode}: ${ErrorMessage}`,
  );
  throw new LavaError(
    "RULE_FAILED",
    `Rule ${name} has targets that were not taken: ${texts.join("; ")}`,
  );
}
