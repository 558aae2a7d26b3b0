import { AwsError, notImplemented } from "../errors.ts";
import { objectsOf, required, textOf, textsOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import type { Parameter } from "./parameters.ts";

/** ParameterFilters (and the older Filters) as one test; all of them have to be met. */
export function filterOf(input: JsonObject): (parameter: Parameter) => boolean {
  const filters = [
    ...(objectsOf(input, "ParameterFilters") ?? []),
    ...(objectsOf(input, "Filters") ?? []),
  ].map(parseFilter);
  return (parameter) => filters.every((filter) => filter(parameter));
}

function parseFilter(filter: JsonObject): (parameter: Parameter) => boolean {
  const key = required(textOf(filter, "Key"), "Key");
  const values = required(textsOf(filter, "Values"), "Values");
  const option = textOf(filter, "Option") ?? (key === "Path" ? "OneLevel" : "Equals");
  switch (key) {
    case "Path":
      if (option !== "OneLevel" && option !== "Recursive") throw badOption(key, option);
      return ({ name }) => values.some((path) => isBelow(name, path, option === "Recursive"));
    case "Name":
      return ({ name }) => values.some((value) => matches(name, value, key, option));
    case "Type":
      return ({ type }) => values.some((value) => matches(type, value, key, option));
    case "KeyId":
      return ({ keyId }) => values.some((value) => matches(keyId ?? "", value, key, option));
    default:
      throw notImplemented("ssm", `filter ${key}`);
  }
}

function matches(text: string, value: string, key: string, option: string): boolean {
  // A name may be given with or without its first slash.
  const wanted = key === "Name" && !text.startsWith("/") ? value.replace(/^\//, "") : value;
  if (option === "Equals") return text === wanted;
  if (option === "BeginsWith") return text.startsWith(wanted);
  if (option === "Contains") return text.includes(wanted);
  throw badOption(key, option);
}

/** Whether a name lies in a path, directly or at any depth. */
export function isBelow(name: string, path: string, recursive: boolean): boolean {
  const folder = path.endsWith("/") ? path : `${path}/`;
  const full = name.startsWith("/") ? name : `/${name}`;
  return full.startsWith(folder) && (recursive || !full.slice(folder.length).includes("/"));
}

function badOption(key: string, option: string): AwsError {
  return new AwsError(
    "InvalidFilterOption",
    `The following filter option is not valid: ${option} for ${key}`,
  );
}
