import { readFileSync } from "node:fs";
import { type Data, DecimalValue, isMap, parseJson } from "@lava/core";
import { pyDateTime, templateUtils } from "../src/index.ts";

const data = parseJson(readFileSync(new URL("./context.json", import.meta.url), "utf8"));
const templates = parseJson(readFileSync(new URL("./templates.json", import.meta.url), "utf8"));
const utils = templateUtils();

/** The context of the recorded cases, as `record.py` makes it. */
export function loadContext(): Record<string, unknown> {
  const revived = revive(data);
  return { ...(revived as Record<string, unknown>), utils };
}

/** The templates that the recorded cases include. */
export function loadTemplate(name: string): { name: string; source: string } | undefined {
  const source = isMap(templates) && Object.hasOwn(templates, name) ? templates[name] : undefined;
  return typeof source === "string" ? { name, source } : undefined;
}

function revive(value: Data): unknown {
  if (Array.isArray(value)) return value.map((item: Data) => revive(item));
  if (!isMap(value)) return value;
  const [first] = Object.entries(value);
  if (first?.[0] === "$decimal") return new DecimalValue(String(first[1]));
  if (first?.[0] === "$bytes") return new Uint8Array(Buffer.from(String(first[1]), "base64"));
  if (first?.[0] === "$set") return new Set(first[1] as readonly unknown[]);
  if (first?.[0] === "$local") return pyDateTime(Number(first[1]) * 1000);
  if (first?.[0] === "$utc") return pyDateTime(Number(first[1]) * 1000, "utc");
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revive(item)]));
}
