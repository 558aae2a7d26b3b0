import { AwsError } from "../errors.ts";

/** What EventBridge Scheduler answers to a member that it does not take. */
export function validation(member: string, value: string): AwsError {
  return new AwsError(
    "ValidationException",
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint`,
  );
}
