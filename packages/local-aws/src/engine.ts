import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Clock, Logger } from "@lava/core";
import type { Store } from "./store.ts";

/** A request whose signature has been verified. */
export interface AwsRequest {
  readonly id: string;
  readonly method: string;
  /** As sent: percent-encoded, without the query string. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly region: string;
  /** The service in the credential scope: `s3`, `dynamodb`, ... */
  readonly service: string;
  readonly accessKeyId: string;
  /** The operation of `x-amz-target` (`PutItem`); undefined outside the JSON protocols. */
  readonly operation: string | undefined;
  /** Aborts when the client has gone; ends long polls. */
  readonly signal: AbortSignal;
  /**
   * The payload, with `aws-chunked` removed. It is checked while it is read (payload hash, chunk
   * signatures, Content-MD5, `x-amz-checksum-*` as header or trailer) and fails with an AwsError
   * before its end when a check does, so nothing may be kept before the end was seen.
   */
  readonly body: Readable;
  /** The whole payload; an AwsError `EntityTooLarge` (413) above `limit` bytes. */
  readBody(limit?: number): Promise<Buffer>;
  /** The verified `x-amz-checksum-*` of the payload, once it was read to its end. */
  checksum(): Checksum | undefined;
}

/** An additional checksum of S3. */
export interface Checksum {
  /** Upper case: CRC32, CRC32C, CRC64NVME, SHA1, SHA256. */
  readonly algorithm: ChecksumAlgorithm;
  /** Base64. */
  readonly value: string;
}

/** Checksums that S3 clients send. */
export type ChecksumAlgorithm = "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256";

/** What an engine answers; sent only after everything written so far is on disk. */
export interface AwsResponse {
  /**
   * Sent as soon as what was written survives this process, whatever becomes of the machine: where its loss would be
   * nothing that the service does not do by itself. A message whose receive is forgotten is received once more.
   */
  readonly isForgettable?: boolean;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Readable | undefined;
}

/** One service. Thrown AwsErrors are rendered by the front for the request's protocol. */
export interface Engine {
  /** The names in the credential scope that lead here. */
  readonly services: readonly string[];
  /** Namespace of `__type` in JSON errors (`com.amazonaws.sqs`); none: the bare code. */
  readonly errorNamespace?: string;
  /** `xmlns` of XML errors of the query protocol. */
  readonly xmlNamespace?: string;
  /** Whether errors at this path are those of REST and JSON (SES v2). */
  isRestJson?(path: string): boolean;
  /** Answers a request that nobody signs, such as that for a function's code; undefined for all others. */
  unsigned?(method: string, path: string): AwsResponse | undefined;
  handle(request: AwsRequest): Promise<AwsResponse>;
  close?(): void | Promise<void>;
}

/** Makes an engine; each folder exports one. */
export type EngineFactory = (context: EngineContext) => Engine;

/** What engines are given. */
export interface EngineContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
  readonly logger: Logger;
  /** A folder for files; an engine keeps to a sub-folder named after its service. */
  readonly dataDir: string;
  /** `http://127.0.0.1:PORT`; known once the server listens. */
  endpoint(): string;
  /** Runs `task` every `intervalMs` until the server closes; failures are logged, not thrown. */
  background(name: string, intervalMs: number, task: () => void | Promise<void>): void;
  readonly deliveries: Deliveries;
  /** The image registry that ECR stands for. */
  readonly registry?: ImageRegistry | undefined;
}

/** An image registry of this machine. */
export interface ImageRegistry {
  /** `http://127.0.0.1:5000`. */
  readonly endpoint: string;
  /** Password of its user `AWS`; one made at random when absent. */
  readonly password?: string;
}

/** An attribute of a message on its way. */
export interface DeliveryAttribute {
  readonly dataType: string;
  readonly stringValue?: string | undefined;
  readonly binaryValue?: Buffer | undefined;
}

/** A message from one engine to a resource of another (S3 or SNS to SQS, S3 to SNS). */
export interface Delivery {
  /** ARN of the queue, topic, ... that receives it. */
  readonly target: string;
  /** ARN of the topic, bucket, ... that sends it. */
  readonly source: string;
  readonly body: string;
  readonly subject?: string | undefined;
  readonly attributes?: Readonly<Record<string, DeliveryAttribute>> | undefined;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
}

/** Lets engines send to each other without importing each other. */
export interface Deliveries {
  /** `service` is the third part of the target's ARN (`sqs`). */
  register(service: string, deliver: (delivery: Delivery) => void): void;
  /**
   * Hands a delivery to its engine, in the running transaction when called inside `store.write`.
   * Throws an AwsError when there is no such engine or resource.
   */
  deliver(delivery: Delivery): void;
  /** Lets others read what an engine has. */
  provide<N extends keyof Provided>(name: N, value: Provided[N]): void;
  /** Throws an AwsError when there is no such engine. */
  use<N extends keyof Provided>(name: N): Provided[N];
}

/** What engines read of each other. */
export interface Provided {
  /** Of SQS, for what polls queues in a client's place. */
  readonly queues: {
    /** As ReceiveMessage gives them, with all attributes; waits up to `wait` seconds. Throws when the queue has gone. */
    receive(
      arn: string,
      options: { readonly max: number; readonly wait: number; readonly signal: AbortSignal },
    ): Promise<readonly QueuedMessage[]>;
    delete(arn: string, receiptHandle: string): void;
    exists(arn: string): boolean;
  };
  /** Of S3. */
  readonly objects: {
    /** The bytes of an object. Throws NoSuchBucket, NoSuchKey. */
    read(bucket: string, key: string): Promise<Buffer>;
  };
}

/** A received message. */
export interface QueuedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly MD5OfBody: string;
  readonly Body: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, QueuedAttribute>>;
}

/** An attribute of a received message. */
export interface QueuedAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}
