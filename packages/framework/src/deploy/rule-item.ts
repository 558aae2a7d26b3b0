import { createHash } from "node:crypto";
import { type Data, type DataMap, isMap, LavaError, parseJson } from "@lava/core";
import type { EventRule } from "@lava/realm";
import { pythonJson } from "../build/python-json.ts";

/** EventBridge's own. */
const MAX_TAGS = 50;
const MAX_TAG_VALUE = 256;

/** Id of a rule in plans and records: its name, after `bus/` for buses other than the default one. */
export function ruleIdOf(item: DataMap): string {
  const bus = item["event_bus_name"];
  const name = String(item["rule_id"]);
  return typeof bus === "string" && bus !== "default" ? `${bus}/${name}` : name;
}

/** The bus and the name that an id stands for. */
export function parseRuleId(id: string): { bus: string; name: string } {
  const slash = id.lastIndexOf("/");
  return slash < 0
    ? { bus: "default", name: id }
    : { bus: id.slice(0, slash), name: id.slice(slash + 1) };
}

/**
 * A rule spec in the form in which EventBridge gives it back, so that the two compare: targets as maps with ids,
 * tags as texts that tags may be (FW-144 to FW-151).
 *
 * @throws {LavaError} BAD_RULE for more tags, or longer ones, than EventBridge takes
 */
export function normalRule(item: DataMap): DataMap {
  const targets = Array.isArray(item["targets"]) ? item["targets"] : [];
  const extra = Object.entries(item).filter(([name]) => /^[xX]-/.test(name));
  const { tags, event_bus_name, role_arn, schedule_expression, event_pattern } = item;
  const rule: DataMap = {
    rule_id: item["rule_id"] ?? null,
    description: item["description"] ?? null,
    enabled: item["enabled"] === true,
    ...(event_bus_name === undefined || event_bus_name === "default" ? {} : { event_bus_name }),
    ...(event_pattern === undefined ? {} : { event_pattern }),
    ...(schedule_expression === undefined ? {} : { schedule_expression }),
    ...(role_arn === undefined ? {} : { role_arn }),
    targets: targets.map((target: Data) => normalTarget(target)).toSorted(byId),
    ...tagged(isMap(tags) ? Object.entries(tags) : [], item["owner"], extra),
  };
  checkTags(rule);
  return rule;
}

/** The same form of a rule that is there. */
export function itemOfRule(rule: EventRule): DataMap {
  const entries = Object.entries(rule.tags);
  const isExtra = ([key]: [string, string]): boolean => /^[xX]-/.test(key);
  return {
    rule_id: rule.name,
    description: rule.description ?? null,
    enabled: rule.enabled,
    ...(rule.bus === "default" ? {} : { event_bus_name: rule.bus }),
    ...(rule.pattern === undefined ? {} : { event_pattern: parseJson(rule.pattern) }),
    ...(rule.schedule === undefined ? {} : { schedule_expression: rule.schedule }),
    ...(rule.role === undefined ? {} : { role_arn: rule.role }),
    targets: rule.targets.toSorted(byId),
    ...tagged(
      entries.filter((entry) => !isExtra(entry) && entry[0] !== "owner"),
      rule.tags["owner"],
      entries.filter(isExtra),
    ),
  };
}

/** What EventBridge is to be told of a rule in that form. */
export function ruleOfItem(item: DataMap): EventRule {
  const text = (name: string): string | undefined => {
    const value = item[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const { targets, event_pattern } = item;
  return {
    name: String(item["rule_id"]),
    bus: text("event_bus_name") ?? "default",
    enabled: item["enabled"] === true,
    description: text("description"),
    pattern: event_pattern === undefined ? undefined : pythonJson(event_pattern),
    schedule: text("schedule_expression"),
    role: text("role_arn"),
    targets: Array.isArray(targets) ? targets.filter(isTarget) : [],
    tags: tagsOf(item),
  };
}

function isTarget(value: Data): value is DataMap {
  return isMap(value);
}

/** A target that is only an ARN gets an id that is the same each time, so that it is found again (FW-147). */
function normalTarget(target: Data): DataMap {
  if (typeof target !== "string") return isTarget(target) ? target : {};
  return { Id: `Id${createHash("sha256").update(target).digest("hex").slice(0, 32)}`, Arn: target };
}

function byId(a: DataMap, b: DataMap): number {
  return String(a["Id"]) < String(b["Id"]) ? -1 : 1;
}

type Entries = readonly (readonly [string, unknown])[];

function tagged(tags: Entries, owner: unknown, extra: Entries): DataMap {
  const clean = (entries: Entries): DataMap =>
    Object.fromEntries(entries.map(([key, value]) => [tagText(key), tagText(value)]));
  return {
    ...(tags.length === 0 ? {} : { tags: clean(tags) }),
    ...(owner === undefined ? {} : { owner: tagText(owner) }),
    ...clean(extra),
  };
}

/** Text that a tag may be: letters and digits of any script, blanks and `_.:+=@/-` (FW-150). */
function tagText(value: unknown): string {
  const text =
    typeof value === "string"
      ? value
      : typeof value === "bigint"
        ? String(value)
        : JSON.stringify(value);
  return text.replace(/[^\p{L}\p{N}_ .:+=@/-]/gu, "_");
}

function tagsOf(item: DataMap): Record<string, string> {
  const { tags, owner } = item;
  const extra = Object.entries(item).filter(([name]) => /^[xX]-/.test(name));
  const all = [
    ...(isMap(tags) ? Object.entries(tags) : []),
    ...(owner === undefined ? [] : [["owner", owner] as const]),
    ...extra,
  ];
  return Object.fromEntries(all.map(([key, value]) => [key, String(value)]));
}

function checkTags(item: DataMap): void {
  const tags = Object.entries(tagsOf(item));
  const long = tags.find(([, value]) => value.length > MAX_TAG_VALUE);
  const fault =
    tags.length > MAX_TAGS
      ? `${tags.length} tags, owner and x- fields included; EventBridge takes ${MAX_TAGS}`
      : long === undefined
        ? undefined
        : `tag ${long[0]} has ${long[1].length} characters; EventBridge takes ${MAX_TAG_VALUE}`;
  if (fault === undefined) return;
  throw new LavaError("BAD_RULE", `Rule ${String(item["rule_id"])} has ${fault}`, {
    hint: "Take some of its tags or x- fields away, or shorten them.",
  });
}
