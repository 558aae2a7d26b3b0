/** Which fields of specs are templates, how they are rendered and which names they see: the only list of it. */
export { type ActionTemplateField, actionTemplates } from "./action-templates.ts";
export { type BuildTemplates, buildTemplates } from "./build-templates.ts";
export {
  everyJobTemplates,
  hasJinjaSwitch,
  type JobTemplateField,
  jobTemplates,
} from "./job-templates.ts";
export {
  type AddedJobNames,
  type BuildNames,
  buildNames,
  type ConnectionNames,
  connectionNames,
  type ExtraNames,
  extraNames,
  type GlobalNames,
  type JobNames,
  type LavaNames,
  type TemplateNames,
  templateNames,
  type TriggerNames,
  triggerNames,
} from "./names.ts";
export { type RenderMethod, renderMethods, type TemplateField } from "./template-field.ts";
export { triggerTemplates } from "./trigger-templates.ts";
