import type { FunctionRecord, FunctionStore } from "./function-store.ts";

/** A function's configuration as the service shows it. */
export function renderConfiguration(record: FunctionRecord, functions: FunctionStore): object {
  return {
    FunctionName: record.name,
    FunctionArn: functions.arn(
      record.name,
      record.version === "$LATEST" ? undefined : record.version,
    ),
    Runtime: record.runtime,
    Role: record.role,
    Handler: record.handler,
    CodeSize: record.codeSize,
    CodeSha256: record.codeSha,
    Description: record.description,
    Timeout: record.timeout,
    MemorySize: record.memory,
    LastModified: record.modified.replace("Z", "+0000"),
    Version: record.version,
    RevisionId: record.revision,
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: record.architectures,
    EphemeralStorage: { Size: 512 },
    TracingConfig: { Mode: "PassThrough" },
    ...(Object.keys(record.environment).length === 0
      ? {}
      : { Environment: { Variables: record.environment } }),
    ...(record.deadLetter === undefined
      ? {}
      : { DeadLetterConfig: { TargetArn: record.deadLetter } }),
    LoggingConfig: { LogFormat: "Text", LogGroup: `/aws/lambda/${record.name}` },
  };
}
