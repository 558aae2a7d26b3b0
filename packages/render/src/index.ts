/** Jinja templates with Python semantics, at build time and at run time. */
export { pyDateTime } from "./datetime/datetime.ts";
export { guessTime } from "./datetime/guess-time.ts";
export { isoParse as pyIsoDateTime } from "./datetime/iso-parser.ts";
export { pyYamlTime } from "./datetime/yaml-time.ts";
export type { TemplateLoader } from "./interpreter/environment.ts";
export { renderDeep, renderJson } from "./render-data.ts";
export {
  createRenderer,
  type Renderer,
  type RendererOptions,
  type RenderOptions,
  type TemplateContext,
} from "./renderer.ts";
export { findUndefinedNames } from "./undefined-names.ts";
export { templateUtils, type TemplateUtilsOptions } from "./utils/template-utils.ts";
export { toData } from "./values/host.ts";
export type { Limits } from "./values/limits.ts";
export { templateNamespace } from "./values/template-namespace.ts";
