import { createDynamoDbEngine } from "./dynamodb/engine.ts";
import type { EngineFactory } from "./engine.ts";
import { createSqsEngine } from "./sqs/engine.ts";

/** All engines but STS, which needs the keyring; one folder each. */
export const engineFactories: readonly EngineFactory[] = [createDynamoDbEngine, createSqsEngine];
