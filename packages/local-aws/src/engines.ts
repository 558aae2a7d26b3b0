import { createDynamoDbEngine } from "./dynamodb/engine.ts";
import { createEcrEngine } from "./ecr/engine.ts";
import type { EngineFactory } from "./engine.ts";
import { createKmsEngine } from "./kms/engine.ts";
import { createS3Engine } from "./s3/engine.ts";
import { createSecretsManagerEngine } from "./secretsmanager/engine.ts";
import { createSnsEngine } from "./sns/engine.ts";
import { createSqsEngine } from "./sqs/engine.ts";
import { createSsmEngine } from "./ssm/engine.ts";

/** All engines but STS, which needs the keyring; one folder each. */
export const engineFactories: readonly EngineFactory[] = [
  createDynamoDbEngine,
  createEcrEngine,
  createKmsEngine,
  createS3Engine,
  createSecretsManagerEngine,
  createSsmEngine,
  createSnsEngine,
  createSqsEngine,
];
