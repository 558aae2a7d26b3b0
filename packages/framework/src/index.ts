/** The job framework: project -> build -> plan -> deploy -> uninstall, checks, scaffolding. */
export { readBuildInputs } from "./build/build-state.ts";
export { buildProject } from "./build/build.ts";
export { buildInMemory, type BuildInMemory, type ItemInMemory } from "./build/in-memory.ts";
export { zipFiles } from "./build/payload/zip.ts";
export type {
  BuildOptions,
  BuildProgress,
  BuildResult,
  BuiltImage,
  BuiltItem,
  BuiltPayload,
  Finding,
  ItemKind,
  RealmInfo,
} from "./build/types.ts";
export {
  defineConnection,
  defineJob,
  defineRule,
  defineTrigger,
  type SpecContext,
  type SpecExport,
  type Specs,
} from "./build/typed/define.ts";
export { ciJunit } from "./ci/junit.ts";
export { ciMarkdown } from "./ci/markdown.ts";
export type { CiReport, CiStep } from "./ci/report.ts";
export { ciSarif } from "./ci/sarif.ts";
export { cleanProject, type CleanResult } from "./clean/clean-project.ts";
export { checkProject, type CheckOptions, type CheckResult } from "./check.ts";
export { checkFresh } from "./deploy/check-fresh.ts";
export { deployPlan } from "./deploy/deploy.ts";
export { listDeployments, loadDeployment } from "./deploy/deployments.ts";
export { readPlan, toText as planToText } from "./deploy/plan-text.ts";
export { rollbackPlan, type RollbackOptions } from "./deploy/rollback.ts";
export { planDeployment } from "./deploy/plan.ts";
export { preflight } from "./deploy/preflight.ts";
export { needsConfirmation } from "./deploy/protection.ts";
export type {
  DeployedManifest,
  Deployment,
  DeployOptions,
  DeployProgress,
  DeployResult,
  DeployStep,
  FieldChange,
  FireTimes,
  ImageChange,
  ItemChange,
  PayloadChange,
  Plan,
  PlanBreak,
  PlanOptions,
  PlanRefusal,
} from "./deploy/types.ts";
export { uninstallPlan } from "./deploy/uninstall.ts";
export { type Environment, loadEnvironment } from "./environment.ts";
export { alignFiles } from "./config-alignment.ts";
export { CHECKSUM_FIELD, checksumState, HASH_ALGORITHMS, makeChecksum } from "./checksum.ts";
export { healthChecks, type HealthResult, runHealthChecks } from "./health/index.ts";
export { realmTables } from "./health/realm-tables.ts";
export { formatPython } from "./lint/format-python.ts";
export { dagOfRows, dagQuery, type DependencyMap, readDagSource } from "./helpers/dag-source.ts";
export { dagBatches, dagData } from "./helpers/dag-text.ts";
export { dataText } from "./dump/data-text.ts";
export { dumpNames } from "./dump/dump-names.ts";
export { toProjectSpec } from "./dump/to-project-spec.ts";
export { sampleFolder } from "./samples/file-sample.ts";
export { type ItemSample, itemSample, sampleKinds, sampleTypes } from "./samples/item-sample.ts";
export { type HookOperation, type HookRun, runHooks } from "./hooks/project-hooks.ts";
export type { AwsIdentity, AwsLookup } from "./helpers/aws-access.ts";
export type { SqlLookup, SqlRow } from "./helpers/sql-access.ts";
export { installHook, removeHook } from "./hook.ts";
export { initProject } from "./init.ts";
export { updateProject, type UpdateResult } from "./update/update.ts";
export { jsonDiff } from "./helpers/json-diff.ts";
export { type Injection, injectJson } from "./helpers/json-inject.ts";
export {
  imageOfFolder,
  type ImageOptions,
  type Packed,
  packFolder,
  type PackOptions,
  renderFolder,
} from "./helpers/pack-folder.ts";
export { notebookScript } from "./build/notebook/notebook-script.ts";
export type { NotebookTemplate } from "./build/notebook/notebook-template.ts";
export { type GitState, gitState, osType } from "./build/tracking.ts";
export { normalRule, ruleOfItem } from "./deploy/rule-item.ts";
export { loginToRegistry, purgeImages, pushImages } from "./helpers/image-tools.ts";
export { createJinjaTool, type JinjaTool, type JinjaToolOptions } from "./helpers/jinja-tool.ts";
export type { ProjectSettings } from "./project-settings.ts";
export type { MigrationItem } from "./migrate/migration.ts";
export { migrateProject } from "./migrate/migrate-project.ts";
export {
  loginName,
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
export { withTimes } from "./yaml/with-times.ts";
export { type ReadYaml, readYaml, type TextPosition } from "./yaml/read.ts";
