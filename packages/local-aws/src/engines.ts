import { createCloudWatchEngine } from "./cloudwatch/engine.ts";
import { createDynamoDbEngine } from "./dynamodb/engine.ts";
import { createEcrEngine } from "./ecr/engine.ts";
import type { EngineFactory } from "./engine.ts";
import { createEventsEngine } from "./events/engine.ts";
import { createKmsEngine } from "./kms/engine.ts";
import { createLogsEngine } from "./logs/engine.ts";
import { createS3Engine } from "./s3/engine.ts";
import { createSchedulerEngine } from "./scheduler/engine.ts";
import { createSecretsManagerEngine } from "./secretsmanager/engine.ts";
import { createSesEngine } from "./ses/engine.ts";
import { createSnsEngine } from "./sns/engine.ts";
import { createSqsEngine } from "./sqs/engine.ts";
import { createSsmEngine } from "./ssm/engine.ts";

/** All engines but STS and Lambda, which need credentials; one folder each. */
export const engineFactories: readonly EngineFactory[] = [
  createCloudWatchEngine,
  createDynamoDbEngine,
  createEcrEngine,
  createEventsEngine,
  createKmsEngine,
  createLogsEngine,
  createS3Engine,
  createSchedulerEngine,
  createSecretsManagerEngine,
  createSesEngine,
  createSsmEngine,
  createSnsEngine,
  createSqsEngine,
];
