/**
 * Why a run is in the state that it is in: `x_reason` of its item (WF-116). Failures of the job itself have the code
 * of their error in small letters instead (`program_failed`); the guide has both lists.
 */
export const reasons = {
  malformed: "The body of the message is none of a dispatch.",
  reserved_job: "The message names one of lava's own records as its job.",
  realm_mismatch: "The message is for another realm.",
  worker_mismatch: "The message, or the job, is for another worker.",
  no_such_job: "There is no job of this id.",
  bad_job_record: "The job's item cannot be used.",
  bad_timestamp: "A time in `globals.lava` cannot be read.",
  retry_limit: "The message was received more often than the worker allows (`--retries`).",
  max_tries: "The message was received more often than the job allows.",
  max_run_delay: "The dispatch is older than the job's `max_run_delay`.",
  deadline: "The deadline of the dispatch has passed.",
  disabled: "The job is not enabled.",
  cancelled: "Somebody cancelled the run.",
  stopped: "The run that this child belongs to was stopped.",
  not_asked: "A rerun was asked for other children.",
  complete_before: "The child was complete in the run that is repeated.",
  abandoned: "The run that this child belongs to ended while the child waited to go on.",
  action_failed: "The job was done, and one of its actions was not.",
  timeout: "The job, or a program of it, took too long.",
  worker_lost: "The worker process that held the run was lost; another one goes on with it.",
  worker_stopping: "The worker stops; the run was given back.",
  temp_full: "The disk of the temp area was full; the run was given back.",
  retry_delay: "The run waits to be tried again.",
  deferred: "There was no data yet; the run was put off.",
  not_due: "The message came before the run was due.",
  not_recorded: "The result of the run could not be recorded.",
} as const;
