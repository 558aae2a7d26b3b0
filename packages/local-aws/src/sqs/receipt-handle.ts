import { receiptHandleIsInvalid } from "./errors.ts";

/** A receipt handle, read: the row of the message and which receive of it. */
export interface ReceiptHandle {
  readonly id: number;
  readonly nonce: string;
}

/** The text that a client gives back to settle one receive of one message. */
export function createReceiptHandle(id: number, nonce: string): string {
  return Buffer.from(`${id}:${nonce}`).toString("base64");
}

/** Reads a receipt handle; throws ReceiptHandleIsInvalid for anything that is not one. */
export function parseReceiptHandle(handle: string): ReceiptHandle {
  const match = /^(\d{1,15}):([0-9a-f-]{36})$/.exec(Buffer.from(handle, "base64").toString());
  if (match?.[1] === undefined || match[2] === undefined) throw receiptHandleIsInvalid(handle);
  return { id: Number(match[1]), nonce: match[2] };
}
