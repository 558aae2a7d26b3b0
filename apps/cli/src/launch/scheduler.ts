// The program `scheduler` of the bundle; what it imports is read from the compile cache.
import { keepCompiledCode } from "./keep-compiled-code.ts";

keepCompiledCode();
await import("../programs/scheduler.ts");
