import type { DataMap, LavaError } from "@lava/core";

/** One run that somebody asks for. */
export interface Request {
  readonly job_id: string;
  /** Whole seconds. */
  readonly delay: number;
  readonly globals: DataMap;
  readonly parameters: DataMap;
  /** The asker's own key: the same again starts no second run (LAM-115). */
  readonly dispatch_id: string | undefined;
}

/** A request, or what is wrong with it; `job_id` as far as it could be read. */
export type ParsedRequest =
  | { readonly request: Request; readonly job_id?: undefined; readonly fault?: undefined }
  | {
      readonly request?: undefined;
      readonly job_id: string | undefined;
      readonly fault: LavaError;
    };
