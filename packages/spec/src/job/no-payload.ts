import { data } from "../scalars.ts";

/** The payload of job types that have none: the field must be there, its value is ignored. */
export const noPayload = data.describe(
  "Not used by this job type, but it must be there: write null.",
);
