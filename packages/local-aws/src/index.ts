/** An AWS endpoint on one loopback port, for development and tests. */
export { type LocalAws, type LocalAwsOptions, startLocalAws } from "./server.ts";
