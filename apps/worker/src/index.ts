/** The lava worker as a command: for the daemon itself and for `lava worker`. */
export { workerMain, type WorkerIo } from "./worker-main.ts";
