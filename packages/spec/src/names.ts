/** The table of realms: the only one that realms share (WF-010). */
export const realmsTable = "lava.realms";

/** Names of the tables of one realm (WF-011). */
export interface TableNames {
  readonly jobs: string;
  readonly connections: string;
  readonly events: string;
  readonly s3triggers: string;
  readonly state: string;
}

/** Names of a realm's tables (WF-011). */
export function tableNames(realm: string): TableNames {
  return {
    jobs: `lava.${realm}.jobs`,
    connections: `lava.${realm}.connections`,
    events: `lava.${realm}.events`,
    s3triggers: `lava.${realm}.s3triggers`,
    state: `lava.${realm}.state`,
  };
}

/** What the queues, functions, topics and groups of a realm begin with. */
export function resourcePrefix(realm: string): string {
  return `lava-${realm}-`;
}

/** The queue of a worker (WF-012); its scaling group has the same name (WF-016). */
export function queueName(realm: string, worker: string): string {
  return `${resourcePrefix(realm)}${worker}`;
}

/**
 * The worker whose queue or scaling group has this name; undefined when it belongs to another realm. Names are never
 * split at a hyphen: workers may hold one (WF-021, TRAP-INF-17).
 */
export function workerOfQueue(realm: string, name: string): string | undefined {
  const prefix = resourcePrefix(realm);
  return name.startsWith(prefix) && name.length > prefix.length
    ? name.slice(prefix.length)
    : undefined;
}

/** Aliases of a realm's keys: `sys` for secrets and secure state, `user` for S3, SQS and SNS (WF-013). */
export function kmsAliases(realm: string): { readonly sys: string; readonly user: string } {
  return { sys: `alias/lava-${realm}-sys`, user: `alias/lava-${realm}-user` };
}

/** Names of a realm's SNS topics (WF-014). */
export function topicNames(realm: string): { readonly notices: string; readonly dispatch: string } {
  return { notices: `lava-${realm}-notices`, dispatch: `lava-${realm}-dispatch` };
}

/** Names of a realm's lambda functions (WF-015). */
export interface FunctionNames {
  readonly dispatch: string;
  readonly s3trigger: string;
  readonly stop: string;
  readonly metrics: string;
}

/** Names of a realm's lambda functions (WF-015). */
export function functionNames(realm: string): FunctionNames {
  return {
    dispatch: `lava-${realm}-dispatch`,
    s3trigger: `lava-${realm}-s3trigger`,
    stop: `lava-${realm}-stop`,
    metrics: `lava-${realm}-metrics`,
  };
}

/** IAM names of a worker: its role and the policy shared by the workers of the realm (WF-016). */
export function workerRoleNames(
  realm: string,
  worker: string,
): { readonly role: string; readonly policy: string } {
  return { role: `lava-${realm}-worker-${worker}`, policy: `lava-${realm}-worker` };
}

/** The log group of a realm's workers (WF-019). */
export function logGroupName(realm: string): string {
  return `/var/log/lava/${realm}`;
}

/** Where a realm's SSM parameters and secrets live, with the slash at the end (WF-018). */
export function ssmPrefix(realm: string): string {
  return `/lava/${realm}/`;
}

/** What the names of a realm's EventBridge rules begin with (WF-017). */
export function rulePrefix(realm: string): string {
  return `lava.${realm}.`;
}

/** Index of jobs by dispatcher (WF-031). */
export const DISPATCHER_INDEX = "dispatcher-index";

/** Index of a job's runs by the time of their last event (WF-033). */
export const EVENTS_INDEX = "job_id-tu_event-index";

/** Index of s3 triggers by bucket and prefix (WF-034). */
export const S3TRIGGER_INDEX = "s3trigger-index";

/** What the `job_id` of lava's own records in the events table begins with (design 5). */
export const OWN_RECORD_PREFIX = "lava/";

/** `job_id` under which messages that name no job are recorded (WF-116). */
export const UNROUTABLE_JOB_ID = "lava/unroutable";

/** `job_id` of what failed beside the runs of a worker (metrics...); `run_id` is the channel and the day. */
export function sideChannelsId(worker: string): string {
  return `lava/side-channels/${worker}`;
}

/** `job_id` of the lease items of a worker's processes; `run_id` is the process (design 5). */
export function workerLeaseId(worker: string): string {
  return `lava/workers/${worker}`;
}

/** `job_id` of the items with the full detail of a run's children (design 5). */
export function childrenId(job: string): string {
  return `lava/children/${job}`;
}

/** `job_id` of a job's schedule slots; `run_id` is the slot's time (design 8). */
export function slotsId(job: string): string {
  return `lava/slots/${job}`;
}

/** `job_id` of runs to be dispatched later: deferred ones and long retry delays (design 5). */
export function dueId(worker: string): string {
  return `lava/due/${worker}`;
}

/** `job_id` of the slots of a job's or pool's concurrency limit (SIB-BDRC-09). */
export function poolId(pool: string): string {
  return `lava/pools/${pool}`;
}

/** `job_id` of the leases of elected leaders: schedulers and the like (design 8). */
export function leaderId(role: string): string {
  return `lava/leaders/${role}`;
}

/** `job_id` of what schedulers share: notices of changed jobs, and pauses (design 8). */
export function scheduleId(kind: "changes" | "pauses"): string {
  return `lava/schedule/${kind}`;
}
