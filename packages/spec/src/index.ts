/** Schemas of every record, message and configuration key of a realm, and the names of its resources. */
export {
  actionParameters,
  type ActionParameters,
  actionSpec,
  type ActionSpec,
  type ActionType,
  actionTypes,
  isActionType,
} from "./action/index.ts";
export type { ActionTypeDefinition } from "./action/action-type.ts";
export { checkKeys } from "./check-keys.ts";
export type { ConfigKey, ConfigKind } from "./config/config-key.ts";
export {
  configKeys,
  type ConfigName,
  type ConfigValue,
  isConfigName,
  type RealmConfig,
} from "./config/index.ts";
export {
  type ConfigSources,
  resolveConfig,
  resolveConfigWithWarnings,
  type ResolvedConfig,
} from "./config/resolve-config.ts";
export {
  connectionFields,
  type ConnectionSpec,
  type ConnectionType,
  connectionTypes,
  isConnectionType,
} from "./connection/index.ts";
export type { ConnectionTypeDefinition } from "./connection/connection-type.ts";
export {
  eventItem,
  type EventItem,
  eventLogEntry,
  type EventLogEntry,
  eventStatuses,
  type EventStatus,
  type RunState,
  runStates,
  terminalStatuses,
} from "./event.ts";
export {
  issuesFromZod,
  type IssueOptions,
  type IssuePath,
  type Locate,
  type Location,
} from "./issues.ts";
export {
  isJobType,
  jobParameters,
  type JobParameters,
  type JobSpec,
  type JobType,
  jobTypes,
} from "./job/index.ts";
export { checkDispatchInput, type DispatchInput } from "./check-dispatch-input.ts";
export { type JobExtensions, parseJobExtensions } from "./job-extensions.ts";
export { type JobTypeDefinition } from "./job/job-type.ts";
export {
  dispatchMessage,
  type DispatchMessage,
  formatDispatchMessage,
  parseDispatchMessage,
} from "./message.ts";
export {
  childrenId,
  DISPATCHER_INDEX,
  dueId,
  EVENTS_INDEX,
  functionNames,
  type FunctionNames,
  kmsAliases,
  leaderId,
  scheduleId,
  logGroupName,
  OWN_RECORD_PREFIX,
  poolId,
  queueName,
  realmsTable,
  resourcePrefix,
  rulePrefix,
  S3TRIGGER_INDEX,
  sideChannelsId,
  slotsId,
  ssmPrefix,
  tableNames,
  type TableNames,
  topicNames,
  UNROUTABLE_JOB_ID,
  workerLeaseId,
  workerOfQueue,
  workerRoleNames,
} from "./names.ts";
export type { SpecExtensions } from "./extensions.ts";
export { isForeignField } from "./own-fields.ts";
export { parseActionParameters, parseJobParameters } from "./parse-parameters.ts";
export type { RealmSpec } from "./realm.ts";
export type { RuleSpec } from "./rule.ts";
export type { S3TriggerSpec } from "./s3trigger.ts";
export { crontab, schedule, timedSchedule } from "./schedule.ts";
export { stateItem, type StateItem, type StateType, stateTypes } from "./state.ts";
export { parseRealmRecord, type RealmRecord } from "./stored/realm-record.ts";
export { parseStoredConnection, type StoredConnection } from "./stored/stored-connection.ts";
export { parseStoredJob, type StoredJob } from "./stored/stored-job.ts";
export { parseStoredS3Trigger, type StoredS3Trigger } from "./stored/stored-s3trigger.ts";
export {
  configSpec,
  connectionSpec,
  jobSpec,
  realmSpec,
  ruleSpec,
  s3triggerSpec,
} from "./strict-spec.ts";
export {
  type IndexDefinition,
  realmsTableDefinition,
  tableDefinitions,
  type TableDefinition,
} from "./tables.ts";
export {
  type SpecByKind,
  type SpecKind,
  type SpecResult,
  specSchemas,
  validateSpec,
} from "./validate-spec.ts";
export { toWireJson } from "./wire-json.ts";
export { type JsonSchema, specJsonSchema } from "./json-schema/index.ts";
export {
  type ActionTemplateField,
  actionTemplates,
  type AddedJobNames,
  type BuildNames,
  buildNames,
  type BuildTemplates,
  buildTemplates,
  type ConnectionNames,
  connectionNames,
  everyJobTemplates,
  type ExtraNames,
  extraNames,
  type GlobalNames,
  hasJinjaSwitch,
  type JobNames,
  type JobTemplateField,
  jobTemplates,
  type LavaNames,
  type RenderMethod,
  renderMethods,
  type TemplateField,
  type TemplateNames,
  templateNames,
  type TriggerNames,
  triggerNames,
  triggerTemplates,
} from "./render-contexts/index.ts";
