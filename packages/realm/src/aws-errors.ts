import { errorText, isMap, LavaError } from "@lava/core";
import { type AwsService, type AwsSettings, endpointOf } from "./aws-settings.ts";

const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
  "ETIMEDOUT",
]);

/** The service's name for an error (`ResourceNotFoundException`), or Node's (`ECONNREFUSED`). */
export function awsErrorCode(error: unknown): string {
  if (error instanceof LavaError) return error.code;
  if (!isMap(error)) return "";
  const code = error["code"] ?? error["Code"];
  if (typeof code === "string" && UNREACHABLE.has(code)) return code;
  if (Array.isArray(error["errors"])) {
    const inner = error["errors"].map((item) => awsErrorCode(item)).find((item) => item !== "");
    if (inner !== undefined) return inner;
  }
  const name = error["name"];
  if (typeof name === "string" && name !== "" && name !== "Error") return name;
  return typeof code === "string" ? code : "";
}

/** Whether the service refused for lack of rights. */
export function isAccessDenied(error: unknown): boolean {
  return /^(AccessDenied|AccessDeniedException|AuthorizationError|UnauthorizedOperation)$/.test(
    awsErrorCode(error),
  );
}

/**
 * Faults of the connection itself as a {@link LavaError} that says where we tried; anything else as it is. Wrap
 * every call to AWS in it, once.
 */
export function fromAwsError(error: unknown, settings: AwsSettings, service: AwsService): unknown {
  if (error instanceof LavaError) return error;
  const code = awsErrorCode(error);
  if (UNREACHABLE.has(code)) {
    return new LavaError(
      "AWS_UNREACHABLE",
      `Cannot reach ${serviceName(service)} at ${endpointOf(settings, service)}: ${code}`,
      { cause: error, hint: "Start the realm (`lava dev up`) or correct AWS_ENDPOINT_URL." },
    );
  }
  if (code === "CredentialsProviderError") {
    return new LavaError("AWS_NO_CREDENTIALS", `No AWS credentials: ${errorText(error)}`, {
      cause: error,
      hint: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.",
    });
  }
  if (errorText(error) === "Region is missing") {
    return new LavaError("AWS_NO_REGION", "No AWS region is set", {
      cause: error,
      hint: "Set AWS_REGION.",
    });
  }
  return error;
}

function serviceName(service: AwsService): string {
  return service === "DYNAMODB" ? "DynamoDB" : service.replaceAll("_", " ");
}
