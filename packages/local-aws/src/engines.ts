import type { EngineFactory } from "./engine.ts";

/** All engines but STS, which needs the keyring; one folder each. */
export const engineFactories: readonly EngineFactory[] = [];
