import { enableCompileCache } from "node:module";
import { join } from "node:path";

/**
 * Lets Node.js keep the compiled code of whatever is imported from now on beside the bundle, which goes with it and
 * belongs to the same owner; where nothing can be written, nothing is kept.
 */
export function keepCompiledCode(): void {
  enableCompileCache(join(import.meta.dirname, ".compiled"));
}
