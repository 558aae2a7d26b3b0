/** An AWS endpoint on one loopback port, for development and tests. */
export type { Credentials } from "./credentials.ts";
export { AwsError } from "./errors.ts";
export { createLineLogger } from "./line-logger.ts";
export { type LocalAws, type LocalAwsOptions, startLocalAws } from "./server.ts";
export { type Mail, readMails } from "./ses/mailbox.ts";
