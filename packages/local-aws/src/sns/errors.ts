import { AwsError } from "../errors.ts";

/** A topic or subscription that is not there. */
export function notFound(what: string): AwsError {
  return new AwsError("NotFound", `${what} does not exist`, {
    status: 404,
    queryCode: "NotFound",
  });
}

/** A parameter with a value that SNS does not take. */
export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameter", `Invalid parameter: ${message}`);
}
