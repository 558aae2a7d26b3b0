import { setFlagsFromString } from "node:v8";

/**
 * Keeps the heap's young generation as small as it is until the worker lets it grow. Starting allocates much that is
 * soon garbage; V8 would make room for that, and an idle worker would keep the room: some 10 MB.
 */
export function holdYoungHeap(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
