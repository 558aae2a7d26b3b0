import { AwsError } from "../errors.ts";
import type { PolicyStatement } from "./function-store.ts";

/** Services that may be allowed to invoke, by the third part of their ARNs. */
const PRINCIPALS: Readonly<Record<string, string>> = {
  s3: "s3.amazonaws.com",
  sns: "sns.amazonaws.com",
  events: "events.amazonaws.com",
  scheduler: "scheduler.amazonaws.com",
};

/**
 * Checks that a function's policy lets a resource invoke it: without a statement for it AWS drops the event (FW-159).
 * Schedules invoke with a role of their own. Throws AccessDeniedException.
 */
export function checkPermission(
  policy: readonly PolicyStatement[],
  source: string,
  call: {
    readonly accountId: string;
    readonly functionArn: string;
    readonly qualifier: string | undefined;
  },
): void {
  const service = source.split(":")[2] ?? "";
  if (service === "scheduler" || service === "lambda") return;
  const principal = PRINCIPALS[service] ?? `${service}.amazonaws.com`;
  const isAllowed = policy.some(
    (statement) =>
      /^lambda:(?:InvokeFunction|\*)$/.test(statement.action) &&
      (statement.principal === principal || statement.principal === "*") &&
      statement.qualifier === call.qualifier &&
      (statement.sourceArn === undefined || arnLike(source, statement.sourceArn)) &&
      (statement.sourceAccount === undefined || statement.sourceAccount === call.accountId),
  );
  if (isAllowed) return;
  throw new AwsError(
    "AccessDeniedException",
    `${source} is not authorized to invoke ${call.functionArn}: its policy has no statement for ${principal}`,
    { status: 403 },
  );
}

/** `*` and `?` in an ARN. */
function arnLike(arn: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(arn);
}
