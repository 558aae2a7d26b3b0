import type { DataMap, Logger } from "@lava/core";
import {
  parseRealmRecord,
  parseStoredConnection,
  parseStoredJob,
  parseStoredS3Trigger,
  type RealmRecord,
  realmsTable,
  type StoredConnection,
  type StoredJob,
  type StoredS3Trigger,
} from "@lava/spec";
import type { AwsClients } from "../clients.ts";
import { createDocuments, type Documents } from "../documents.ts";
import { openTable } from "./open-table.ts";
import type { RecordTable } from "./record-table.ts";

/** The jobs table. */
export function openJobsTable(
  table: string,
  documents: Documents,
  logger: Logger,
): RecordTable<StoredJob> {
  return openTable(
    { table, key: "job_id", noun: "job", parse: warning("job_id", parseStoredJob, logger) },
    documents,
    logger,
  );
}

/** The connections table. */
export function openConnectionsTable(
  table: string,
  documents: Documents,
  logger: Logger,
): RecordTable<StoredConnection> {
  const parse = warning("conn_id", parseStoredConnection, logger);
  return openTable({ table, key: "conn_id", noun: "connection", parse }, documents, logger);
}

/** The s3triggers table. */
export function openS3TriggersTable(
  table: string,
  documents: Documents,
  logger: Logger,
): RecordTable<StoredS3Trigger> {
  const parse = warning("trigger_id", parseStoredS3Trigger, logger);
  return openTable({ table, key: "trigger_id", noun: "s3 trigger", parse }, documents, logger);
}

/** The table of realms, for who has no realm yet. */
export function openRealmsTable(clients: AwsClients, logger: Logger): RecordTable<RealmRecord> {
  const parse = warning("realm", parseRealmRecord, logger);
  return openTable(
    { table: realmsTable, key: "realm", noun: "realm", parse },
    createDocuments(clients),
    logger,
  );
}

/** A parser that logs what is odd about a record once each time it is read. */
function warning<T extends { readonly warnings: readonly string[] }>(
  key: string,
  parse: (item: unknown) => T,
  logger: Logger,
): (item: DataMap) => T {
  return (item) => {
    const record = parse(item);
    for (const text of record.warnings) logger.warn({ [key]: item[key] }, text);
    return record;
  };
}
