import { type Data, isMap } from "@lava/core";
import { readYaml } from "../yaml/read.ts";

type Path = readonly (string | number)[];

/**
 * The field that stands on a line of a spec's source, as far as that is YAML before it is rendered (FW-267): the
 * last one that begins there. Empty where there is none.
 */
export function fieldAt(source: string, line: number): Path {
  const read = readYaml(withoutMarks(source));
  let found: Path = [];
  const walk = (value: Data | undefined, path: Path): void => {
    const at = path.length === 0 ? undefined : read.locate(path);
    if (at?.line === line) found = path;
    if (Array.isArray(value)) value.forEach((item: Data, index) => walk(item, [...path, index]));
    else if (isDataMap(value)) {
      for (const [key, item] of Object.entries(value)) walk(item, [...path, key]);
    }
  };
  walk(read.data, []);
  return found;
}

/** The source with something plain in place of each mark, and every character where it was. */
function withoutMarks(source: string): string {
  return source
    .replace(/<\{.*?\}>/gs, (mark) => mark.replace(/[^\n]/g, "x"))
    .replace(/<[%#].*?[%#]>/gs, (mark) => mark.replace(/[^\n]/g, " "));
}

function isDataMap(value: Data | undefined): value is { readonly [key: string]: Data } {
  return isMap(value);
}
