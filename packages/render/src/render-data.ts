import { type Data, errorText, formatPath, isMap, LavaError, parseJson } from "@lava/core";
import { toJson } from "./filters/to-json.ts";
import type { Renderer, RenderOptions, TemplateContext } from "./renderer.ts";
import { PyDecimal } from "./values/decimal.ts";
import { PyDict } from "./values/dict.ts";
import { fromHost } from "./values/host.ts";
import { PyList } from "./values/sequence.ts";
import { float, int, PyObject, type Value } from "./values/value.ts";

type Path = readonly (string | number)[];

/** Renders each text inside a value, keys left alone; says which one failed. */
export function renderDeep(
  renderer: Renderer,
  value: Data,
  context: TemplateContext,
  options: RenderOptions = {},
): Data {
  return deep(value, [], (text, path) => renderLeaf(renderer, text, path, context, options));
}

function deep(value: Data, path: Path, render: (text: string, path: Path) => string): Data {
  if (typeof value === "string") return render(value, path);
  if (Array.isArray(value)) {
    return value.map((item: Data, index) => deep(item, [...path, index], render));
  }
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, deep(item, [...path, key], render)]),
  );
}

function renderLeaf(
  renderer: Renderer,
  text: string,
  path: Path,
  context: TemplateContext,
  options: RenderOptions,
): string {
  try {
    return renderer.render(text, context, options);
  } catch (error) {
    if (path.length === 0 || !(error instanceof LavaError)) throw error;
    throw new LavaError(error.code, `${formatPath(path)}: ${error.message}`, {
      cause: error,
      issues: error.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] })),
      ...(error.data === undefined ? {} : { data: error.data }),
    });
  }
}

/**
 * Renders a structure as the original does: dumped to JSON, rendered as one text, parsed (T-37). Where that
 * fails, each text inside it is rendered by itself, and the one that fails is named (WK-135).
 */
export function renderJson(
  renderer: Renderer,
  value: Data,
  context: TemplateContext,
  options: RenderOptions = {},
): Data {
  let rendered: string;
  try {
    rendered = renderer.render(toJson(dumpable(fromHost(value)), null, false), context, options);
    return parseJson(rendered);
  } catch (error) {
    if (!(error instanceof LavaError)) throw error;
    try {
      return renderKeys(renderer, value, context, options);
    } catch (leafError) {
      throw leafError instanceof LavaError
        ? leafError
        : new LavaError("TEMPLATE_ERROR", errorText(leafError), { cause: leafError });
    }
  }
}

/** By leaves, keys too. */
function renderKeys(
  renderer: Renderer,
  value: Data,
  context: TemplateContext,
  options: RenderOptions,
): Data {
  const leaf = (text: string, path: Path): string =>
    renderLeaf(renderer, text, path, context, options);
  const walk = (item: Data, path: Path): Data => {
    if (typeof item === "string") return leaf(item, path);
    if (Array.isArray(item)) return item.map((part: Data, index) => walk(part, [...path, index]));
    if (!isMap(item)) return item;
    return Object.fromEntries(
      Object.entries(item).map(([key, part]) => [
        leaf(key, [...path, key]),
        walk(part, [...path, key]),
      ]),
    );
  };
  return walk(value, []);
}

/** Decimals as the original dumps them: floats if their text has a point, else ints (T-06). */
function dumpable(value: Value): Value {
  if (value instanceof PyDecimal) {
    return /[.E]/.test(value.str()) ? float(value.toNumber()) : int(value.toInteger());
  }
  if (value instanceof PyList) return new PyList(value.items.map(dumpable));
  if (value instanceof PyDict) {
    return new PyDict(
      Array.from(value.entries.values(), ([key, item]) => [key, dumpable(item)] as const),
    );
  }
  return value instanceof PyObject ? value.dataText() : value;
}
