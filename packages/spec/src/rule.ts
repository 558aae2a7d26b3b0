import * as z from "zod";
import { always } from "./always.ts";
import { trackingFields } from "./own-fields.ts";
import { dataMap, flag, text } from "./scalars.ts";

const arn = text.regex(/^arn:/, { error: 'expected an ARN, "arn:..."' });

const target = z
  .union(
    [
      arn,
      z.looseObject({
        Id: text.describe("Id of the target, unique in the rule."),
        Arn: arn.describe("ARN of the target."),
        RoleArn: arn.optional().describe("ARN of the role that EventBridge uses for the target."),
        Input: z.string().optional().describe("JSON text sent in place of the event."),
        InputPath: z.string().optional().describe("Part of the event that is sent."),
        InputTransformer: dataMap
          .optional()
          .describe("How the event is changed before it is sent."),
      }),
    ],
    { error: "expected an ARN, or a map with Id and Arn as EventBridge has them" },
  )
  .describe("An ARN, or a target as EventBridge's PutTargets has it.");

/** An EventBridge rule as people write it, before its `x-` fields of others are taken away (FW-139..151). */
export const strictRuleSpec = z
  .strictObject({
    rule_id: text
      .regex(/^[-._A-Za-z0-9]{1,64}$/, {
        error: "expected up to 64 letters, digits, dots, hyphens and underscores",
      })
      .describe("Name of the rule. The realm's policies want the form lava.<realm>.<name>."),
    owner: text.describe("Who answers for the rule."),
    description: text.max(512).describe("What the rule does, in a few words."),
    enabled: flag.optional().describe("Whether the rule counts. Default: false."),
    event_bus_name: text.optional().describe("The bus. Default: default."),
    event_pattern: dataMap
      .optional()
      .describe("Which events the rule is for, as EventBridge's event patterns have it."),
    schedule_expression: text
      .regex(/^(?:rate|cron)\(.+\)$/, {
        error: 'expected "rate(...)" or "cron(...)" as EventBridge has them',
      })
      .optional()
      .describe("When the rule fires: rate(...) or cron(...)."),
    role_arn: arn.optional().describe("ARN of the role of the rule."),
    tags: z
      .record(text, z.union([z.string(), z.number(), z.boolean()]))
      .optional()
      .describe("Tags of the rule."),
    targets: z.array(target).optional().describe("Where the events go."),
    ...trackingFields,
  })
  .refine((value) => value.event_pattern !== undefined || value.schedule_expression !== undefined, {
    error: "one of event_pattern and schedule_expression is required",
    path: ["event_pattern"],
    when: always,
  });

/** An EventBridge rule as people write it. */
export type RuleSpec = z.input<typeof strictRuleSpec>;
