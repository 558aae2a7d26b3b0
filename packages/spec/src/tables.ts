import {
  DISPATCHER_INDEX,
  EVENTS_INDEX,
  realmsTable,
  S3TRIGGER_INDEX,
  tableNames,
} from "./names.ts";

/** A secondary index. */
export interface IndexDefinition {
  readonly name: string;
  readonly partition: string;
  readonly sort?: string;
  /** Everything, or the attributes shown beside the keys. */
  readonly projection: "ALL" | readonly string[];
}

/** A table as lava needs it: `lava dev` and the realm's stack are made from the same definitions. */
export interface TableDefinition {
  readonly name: string;
  readonly key: { readonly partition: string; readonly sort?: string };
  /** Types of the attributes that are keys of the table or of an index. */
  readonly attributes: Readonly<Record<string, "S" | "N" | "B">>;
  readonly globalIndexes: readonly IndexDefinition[];
  readonly localIndexes: readonly IndexDefinition[];
  readonly ttlAttribute?: string;
  readonly pointInTimeRecovery: boolean;
}

/** The table of realms (WF-030, INF-140). */
export const realmsTableDefinition: TableDefinition = simpleTable(realmsTable, "realm");

/** The tables of a realm (WF-031..035, INF-141..145). */
export function tableDefinitions(realm: string): readonly TableDefinition[] {
  const names = tableNames(realm);
  return [
    {
      ...simpleTable(names.jobs, "job_id"),
      attributes: { job_id: "S", dispatcher: "S" },
      globalIndexes: [
        {
          name: DISPATCHER_INDEX,
          partition: "dispatcher",
          sort: "job_id",
          projection: ["worker", "schedule"],
        },
      ],
    },
    simpleTable(names.connections, "conn_id"),
    {
      name: names.events,
      key: { partition: "job_id", sort: "run_id" },
      attributes: { job_id: "S", run_id: "S", tu_event: "S" },
      globalIndexes: [],
      localIndexes: [
        { name: EVENTS_INDEX, partition: "job_id", sort: "tu_event", projection: "ALL" },
      ],
      ttlAttribute: "ttl",
      pointInTimeRecovery: false,
    },
    {
      ...simpleTable(names.s3triggers, "trigger_id"),
      attributes: { trigger_id: "S", bucket: "S", prefix: "S" },
      globalIndexes: [
        { name: S3TRIGGER_INDEX, partition: "bucket", sort: "prefix", projection: "ALL" },
      ],
    },
    { ...simpleTable(names.state, "state_id"), ttlAttribute: "ttl" },
  ];
}

function simpleTable(name: string, partition: string): TableDefinition {
  return {
    name,
    key: { partition },
    attributes: { [partition]: "S" },
    globalIndexes: [],
    localIndexes: [],
    pointInTimeRecovery: true,
  };
}
