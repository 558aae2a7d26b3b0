import { AwsError } from "../errors.ts";

/** The bucket is not there. */
export function noSuchBucket(bucket: string): AwsError {
  return new AwsError("NoSuchBucket", "The specified bucket does not exist", {
    status: 404,
    elements: { BucketName: bucket },
  });
}

/** The object is not there. */
export function noSuchKey(key: string): AwsError {
  return new AwsError("NoSuchKey", "The specified key does not exist.", {
    status: 404,
    elements: { Key: key },
  });
}

/** The multipart upload is not there (any more). */
export function noSuchUpload(uploadId: string): AwsError {
  return new AwsError(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    { status: 404, elements: { UploadId: uploadId } },
  );
}

/** A precondition (`If-Match`, ...) does not hold. */
export function preconditionFailed(condition: string): AwsError {
  return new AwsError(
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
    { status: 412, elements: { Condition: condition } },
  );
}

/** An argument has a value that S3 does not take. */
export function invalidArgument(message: string, name: string, value: string): AwsError {
  return new AwsError("InvalidArgument", message, {
    elements: { ArgumentName: name, ArgumentValue: value },
  });
}

/** The request as a whole makes no sense. */
export function invalidRequest(message: string): AwsError {
  return new AwsError("InvalidRequest", message);
}

/** The XML document is not what the operation takes. */
export function malformedXml(): AwsError {
  return new AwsError(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
}

/** A part that CompleteMultipartUpload names was not uploaded, or with another ETag. */
export function invalidPart(uploadId: string, number: number): AwsError {
  return new AwsError(
    "InvalidPart",
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { elements: { UploadId: uploadId, PartNumber: String(number) } },
  );
}
