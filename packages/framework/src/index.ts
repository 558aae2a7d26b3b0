/** The job framework: project -> build -> plan -> deploy -> uninstall, checks, scaffolding. */
export { buildProject } from "./build/build.ts";
export { buildInMemory, type BuildInMemory, type ItemInMemory } from "./build/in-memory.ts";
export type {
  BuildOptions,
  BuildProgress,
  BuildResult,
  BuiltItem,
  BuiltPayload,
  Finding,
  ItemKind,
  RealmInfo,
} from "./build/types.ts";
export { checkProject, type CheckOptions, type CheckResult } from "./check.ts";
export { deployPlan } from "./deploy/deploy.ts";
export { planDeployment } from "./deploy/plan.ts";
export type {
  DeployedManifest,
  DeployOptions,
  DeployProgress,
  DeployResult,
  DeployStep,
  FieldChange,
  ItemChange,
  PayloadChange,
  Plan,
  PlanOptions,
  PlanRefusal,
} from "./deploy/types.ts";
export { uninstallPlan } from "./deploy/uninstall.ts";
export { type Environment, loadEnvironment } from "./environment.ts";
export {
  openProject,
  type Project,
  type ProjectHost,
  type ProjectPlugins,
  withPlugins,
} from "./project.ts";
export {
  type ScaffoldAnswers,
  type ScaffoldQuestion,
  scaffoldQuestions,
} from "./scaffold/questions.ts";
export type { ScaffoldFile } from "./scaffold/scaffold-file.ts";
export {
  completeAnswers,
  loadAnswers,
  scaffoldProject,
  type ScaffoldResult,
} from "./scaffold/scaffold.ts";
export { type ReadYaml, readYaml, type TextPosition } from "./yaml/read.ts";
