import type { DataMap } from "@lava/core";

/** An EventBridge rule with its targets and tags. */
export interface EventRule {
  readonly name: string;
  /** Name or ARN of the bus; `default` for the account's own. */
  readonly bus: string;
  readonly enabled: boolean;
  readonly description?: string | undefined;
  /** JSON text. */
  readonly pattern?: string | undefined;
  /** `rate(...)` or `cron(...)`. */
  readonly schedule?: string | undefined;
  readonly role?: string | undefined;
  /** As PutTargets has them, in the order of their ids. */
  readonly targets: readonly DataMap[];
  readonly tags: Readonly<Record<string, string>>;
}

/** EventBridge rules by bus and name. */
export interface RuleStore {
  /** Whether there is a bus of that name or ARN. */
  hasBus(bus: string): Promise<boolean>;
  get(bus: string, name: string): Promise<EventRule | undefined>;
  /**
   * Makes the rule as it is given, in place: the rule, then its targets, then the targets and tags that are gone
   * (FW-153), so that no event is lost meanwhile.
   *
   * @throws {LavaError} RULE_FAILED that names each target which EventBridge did not take (FW-154)
   */
  put(rule: EventRule): Promise<void>;
  /** Removes the targets, then the rule; nothing when there is none. */
  delete(bus: string, name: string): Promise<void>;
}
