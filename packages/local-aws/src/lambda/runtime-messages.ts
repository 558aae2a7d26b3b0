/** What a thread is started with. */
export interface RuntimeData {
  /** Folder of the code. */
  readonly folder: string;
  /** `file.export`. */
  readonly handler: string;
}

/** One call, on its way to the thread. */
export interface RuntimeCall {
  /** JSON. */
  readonly event: string;
  readonly requestId: string;
  /** ARN as it was called. */
  readonly arn: string;
  readonly deadline: number;
}

/** What a function threw. */
export interface RuntimeFault {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** What comes back: the handler was loaded, or a call has ended. */
export type RuntimeAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "result"; readonly json: string }
  | { readonly kind: "fault"; readonly fault: RuntimeFault };
