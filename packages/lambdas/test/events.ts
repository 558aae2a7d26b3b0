import type { Data, DataMap } from "@lava/core";

// Events as AWS sends them, their ids made up.

/** A record of a bucket notification (event version 2.1). */
export function s3Record(
  key: string,
  over: {
    size?: number | undefined;
    name?: string;
    bucket?: string;
    sequencer?: string;
    version?: string;
  } = {},
): DataMap {
  const {
    name = "ObjectCreated:Put",
    bucket = "incoming",
    sequencer = "0061EB9323D941BCDB",
  } = over;
  const size = "size" in over ? over.size : 1024;
  return {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: "ap-southeast-2",
    eventTime: "2026-11-23T07:47:15.123Z",
    eventName: name,
    userIdentity: { principalId: "AWS:AROAEXAMPLEID:i-0123456789abcdef0" },
    requestParameters: { sourceIPAddress: "10.1.2.3" },
    responseElements: {
      "x-amz-request-id": "C3D13FE58DE4C810",
      "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD",
    },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId: "to-lava",
      bucket: {
        name: bucket,
        ownerIdentity: { principalId: "A3NL1KOZZKExample" },
        arn: `arn:aws:s3:::${bucket}`,
      },
      object: {
        key: encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/"),
        ...(size === undefined ? {} : { size, eTag: "d41d8cd98f00b204e9800998ecf8427e" }),
        ...(over.version === undefined ? {} : { versionId: over.version }),
        sequencer,
      },
    },
  };
}

/** A notification with these records, as a function, a queue or a topic gets it. */
export function s3Notification(...records: readonly DataMap[]): DataMap {
  return { Records: records };
}

/** What S3 sends when notifications are set up. */
export const s3TestEvent: DataMap = {
  Service: "Amazon S3",
  Event: "s3:TestEvent",
  Time: "2026-11-23T07:47:15.123Z",
  Bucket: "incoming",
  RequestId: "5582815E1AEA5ADF",
  HostId: "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE",
};

/** An S3 event of EventBridge. */
export function s3BusEvent(
  key: string,
  type = "Object Created",
  detail: DataMap = { reason: "PutObject", "source-ip-address": "1.2.3.4" },
): DataMap {
  return {
    version: "0",
    id: "17793124-05d4-b198-2fde-7ededc63b103",
    "detail-type": type,
    source: "aws.s3",
    account: "111122223333",
    time: "2026-11-23T07:47:15Z",
    region: "ap-southeast-2",
    resources: ["arn:aws:s3:::incoming"],
    detail: {
      version: "0",
      bucket: { name: "incoming" },
      object: {
        key,
        size: 5,
        etag: "b1946ac92492d2347c6235b4d2611184",
        "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
        sequencer: "617f08299329d189",
      },
      "request-id": "N4N7GDK58NMKJ12R",
      requester: "123456789012",
      ...detail,
    },
  };
}

/** The event of a restored object: neither reason nor address (TRAP-LAM-01, SIB-BDRC-35). */
export function restoreCompleted(key: string): DataMap {
  return s3BusEvent(key, "Object Restore Completed", {
    requester: "s3.amazonaws.com",
    "restore-expiry-time": "2026-11-30T00:00:00Z",
    "source-storage-class": "GLACIER",
  });
}

/** Records of SQS with these bodies; ids `m0`, `m1`, ... */
export function sqsEvent(...bodies: readonly (string | DataMap)[]): DataMap {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `m${index}`,
      receiptHandle: "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
      body: typeof body === "string" ? body : JSON.stringify(body),
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: "1763884035123",
        SenderId: "AIDAIENQZJOLO23YVJ4VO",
        ApproximateFirstReceiveTimestamp: "1763884035128",
      },
      messageAttributes: {},
      md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:ap-southeast-2:111122223333:to-lava",
      awsRegion: "ap-southeast-2",
    })),
  };
}

/** The same records, of a queue that keeps order. */
export function fifoEvent(...bodies: readonly (string | DataMap)[]): DataMap {
  const { Records: records } = sqsEvent(...bodies);
  if (!Array.isArray(records)) throw new Error("no records");
  return {
    Records: records.map((record: DataMap) => ({
      ...record,
      eventSourceARN: "arn:aws:sqs:ap-southeast-2:111122223333:to-lava.fifo",
    })),
  };
}

/** One record of SNS. */
export function snsEvent(
  message: string | DataMap,
  id = "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
): DataMap {
  return {
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn:
          "arn:aws:sns:ap-southeast-2:111122223333:lava:21be56ed-a058-49f5-8c98-aedd2564c486",
        Sns: {
          ...snsNotification(message, id),
          SignatureVersion: "1",
          UnsubscribeUrl: "https://example.com",
        },
      },
    ],
  };
}

/** A notification of SNS as a queue has it whose subscription is not raw (TRAP-LAM-02). */
export function snsNotification(
  message: string | DataMap,
  id = "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
): DataMap {
  return {
    Type: "Notification",
    MessageId: id,
    TopicArn: "arn:aws:sns:ap-southeast-2:111122223333:lava",
    Subject: "lava",
    Message: typeof message === "string" ? message : JSON.stringify(message),
    Timestamp: "2026-11-23T07:47:15.123Z",
    MessageAttributes: {},
  };
}

/** An event whose detail is a request (LAM-114). */
export function lavaDispatch(detail: Data, type = "Lava Dispatch"): DataMap {
  return {
    version: "0",
    id: "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": type,
    source: "my.app",
    account: "111122223333",
    time: "2026-11-23T07:47:15Z",
    region: "ap-southeast-2",
    resources: [],
    detail,
  };
}
