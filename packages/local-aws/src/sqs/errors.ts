import { AwsError } from "../errors.ts";

/** The queue named in the request is not there. */
export function queueDoesNotExist(): AwsError {
  return new AwsError("QueueDoesNotExist", "The specified queue does not exist.", {
    queryCode: "AWS.SimpleQueueService.NonExistentQueue",
  });
}

/** A parameter has a value that SQS does not take. */
export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterValue", message, { queryCode: "InvalidParameterValue" });
}

/** A parameter that the operation needs is missing. */
export function missingParameter(name: string): AwsError {
  return new AwsError("MissingParameter", `The request must contain the parameter ${name}.`, {
    queryCode: "MissingParameter",
  });
}

/** An attribute of a queue has a name that SQS does not know. */
export function invalidAttributeName(name: string): AwsError {
  return new AwsError("InvalidAttributeName", `Unknown Attribute ${name}.`, {
    queryCode: "InvalidAttributeName",
  });
}

/** An attribute of a queue has a value that SQS does not take. */
export function invalidAttributeValue(name: string): AwsError {
  return new AwsError("InvalidAttributeValue", `Invalid value for the parameter ${name}.`, {
    queryCode: "InvalidAttributeValue",
  });
}

/** The receipt handle was not made by this queue. */
export function receiptHandleIsInvalid(handle: string): AwsError {
  return new AwsError(
    "ReceiptHandleIsInvalid",
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
    { queryCode: "ReceiptHandleIsInvalid", status: 404 },
  );
}

/** A batch that SQS refuses as a whole. */
export function batchError(
  code:
    | "BatchEntryIdsNotDistinct"
    | "BatchRequestTooLong"
    | "EmptyBatchRequest"
    | "InvalidBatchEntryId"
    | "TooManyEntriesInBatchRequest",
  message: string,
): AwsError {
  return new AwsError(code, message, { queryCode: `AWS.SimpleQueueService.${code}` });
}
