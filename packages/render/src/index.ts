/** Jinja templates with Python semantics, at build time and at run time. */
export {
  createRenderer,
  pyDateTime,
  renderDeep,
  type Renderer,
  type RendererOptions,
  type RenderOptions,
  renderJson,
  type TemplateLoader,
  templateUtils,
  toData,
} from "./renderer.ts";
