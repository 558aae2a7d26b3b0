import { type Data, LavaError } from "@lava/core";

/** Finds the source of a template by the name that `include`, `import` or `extends` gives. */
export type TemplateLoader = (
  name: string,
  parent?: string,
) => { readonly source: string; readonly name: string } | undefined;

/** Options of {@link createRenderer}. */
export interface RendererOptions {
  /** `job`: `{{ }} {% %} {# #}` (default); `build`: `<{ }> <% %> <# #>` (FW-053). */
  readonly delimiters?: "job" | "build";
  /** Without one, `include`, `import` and `extends` fail (WK-130). */
  readonly loader?: TemplateLoader;
  /** Names visible in every template, imported ones included. */
  readonly globals?: Readonly<Record<string, unknown>>;
  /** How a list or map prints: Python notation (default), or JSON that YAML reads back exactly (FW-056). */
  readonly structures?: "python" | "json";
}

/** Options of one rendering. */
export interface RenderOptions {
  /** Name of the template in errors. */
  readonly name?: string;
}

/** Renders templates; parsed templates are kept. */
export interface Renderer {
  render(
    source: string,
    context: Readonly<Record<string, unknown>>,
    options?: RenderOptions,
  ): string;
}

/** Makes a renderer. Cheap. */
export function createRenderer(options: RendererOptions = {}): Renderer {
  const expression =
    options.delimiters === "build" ? /<\{\s*([\w.]+)\s*\}>/g : /\{\{\s*([\w.]+)\s*\}\}/g;
  return {
    render: (source, context) =>
      source.replace(expression, (_all, path: string) => {
        let value: unknown = context;
        for (const key of path.split(".")) {
          if (typeof value !== "object" || value === null) {
            throw new LavaError("TEMPLATE_ERROR", `'${key}' is undefined`);
          }
          value = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
        }
        return value === undefined ? "" : value === null ? "None" : String(value);
      }),
  };
}

/** Renders each text inside a value. */
export function renderDeep(
  renderer: Renderer,
  value: Data,
  context: Readonly<Record<string, unknown>>,
): Data {
  if (typeof value === "string") return renderer.render(value, context);
  if (Array.isArray(value)) return value.map((item: Data) => renderDeep(renderer, item, context));
  return value;
}

/** Dumps to JSON, renders, parses (WK-135). */
export function renderJson(
  renderer: Renderer,
  value: Data,
  context: Readonly<Record<string, unknown>>,
): Data {
  return renderDeep(renderer, value, context);
}

/** The `utils` object of templates (WK-132). */
export function templateUtils(_options: { readonly now?: () => number } = {}): unknown {
  return {};
}

/** An aware datetime, whole seconds, in the local zone or UTC. */
export function pyDateTime(ms: number, zone: "local" | "utc" = "local"): unknown {
  return new Date(ms).toISOString() + zone;
}

/** Values of templates as plain data: datetimes become ISO text (WF-075). */
export function toData(value: unknown): Data {
  return typeof value === "string" ? value : null;
}
