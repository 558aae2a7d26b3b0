import { createHash } from "node:crypto";
import { type Data, type DataMap, errorText, LavaError, parseJson, inParallel } from "@lava/core";
import type { Realm } from "@lava/realm";
import { isDataMap } from "../build/python-json.ts";
import { parseRuleId, ruleIdOf } from "./rule-item.ts";
import type { PlanBreak } from "./types.ts";

const PARALLEL = 8;

/** A call that will not come about. */
export interface MissingPermission extends PlanBreak {
  /** Whether {@link InvokePermissions.allow} can give it. */
  readonly canBeGiven: boolean;
}

/** Functions that rules call and that must let them (FW-159): EventBridge drops events for those that do not. */
export interface InvokePermissions {
  /** Rules of which a function does not allow the call, or is not there. What cannot be looked at is not told. */
  missing(rules: readonly DataMap[]): Promise<MissingPermission[]>;
  /**
   * Lets a rule call its functions; those that allow it already, that are not there, or of which that cannot be told
   * are left alone.
   *
   * @throws {LavaError} RULE_FAILED when a function does not allow it and may not be changed
   */
  allow(rule: DataMap): Promise<void>;
  /** Functions of a rule that have the permission which {@link InvokePermissions.allow} gives. */
  given(rule: DataMap): Promise<string[]>;
  /**
   * Takes back what {@link InvokePermissions.allow} has given, as far as it is there and may be taken.
   *
   * @param after The rule as it is now: functions that it still calls keep their permission
   */
  revoke(rule: DataMap, after?: DataMap): Promise<void>;
}

/** The permissions of the account of a realm; AWS is asked only about rules that have functions. */
export function openInvokePermissions({ clients }: Pick<Realm, "clients">): InvokePermissions {
  const lambda = async () => ({
    sdk: await import("@aws-sdk/client-lambda"),
    client: await clients.lambda(),
  });
  const states = new Map<string, Promise<FunctionState>>();
  const stateOf = (name: string): Promise<FunctionState> => {
    const known = states.get(name) ?? lookUp(name);
    states.set(name, known);
    return known;
  };
  async function lookUp(name: string): Promise<FunctionState> {
    const { sdk, client } = await lambda();
    try {
      const { Policy } = await client.send(new sdk.GetPolicyCommand({ FunctionName: name }));
      return { kind: "policy", statements: statementsOf(Policy) };
    } catch (error) {
      if (!(error instanceof sdk.ResourceNotFoundException)) return { kind: "unknown" };
      // A function without a policy and one that is not there have the same error.
      return /function not found/i.test(error.message)
        ? { kind: "absent" }
        : { kind: "policy", statements: [] };
    }
  }
  return {
    async missing(rules) {
      const calls = rules.flatMap((rule) => functionsOf(rule).map((arn) => ({ rule, arn })));
      const found = await inParallel(calls, PARALLEL, async ({ rule, arn }) => {
        const state = await stateOf(arn);
        const what = { kind: "rule" as const, id: ruleIdOf(rule), needs: `function ${arn}` };
        if (state.kind === "absent") {
          const reason = `function ${arn}, which rule ${what.id} calls, is not there`;
          return [{ ...what, reason, canBeGiven: false }];
        }
        if (state.kind !== "policy" || isAllowed(state.statements, ruleArn(rule, arn))) return [];
        const reason = `function ${arn} does not allow rule ${what.id} to call it`;
        return [{ ...what, reason, canBeGiven: true }];
      });
      return found.flat();
    },
    async allow(rule) {
      for (const arn of functionsOf(rule)) {
        states.delete(arn);
        const state = await stateOf(arn);
        const source = ruleArn(rule, arn);
        if (state.kind !== "policy" || isAllowed(state.statements, source)) continue;
        const { sdk, client } = await lambda();
        try {
          await client.send(
            new sdk.AddPermissionCommand({
              FunctionName: arn,
              StatementId: statementId(source),
              Action: "lambda:InvokeFunction",
              Principal: "events.amazonaws.com",
              SourceArn: source,
            }),
          );
        } catch (error) {
          // Somebody else has given it meanwhile.
          if (error instanceof sdk.ResourceConflictException) continue;
          throw new LavaError(
            "RULE_FAILED",
            `Function ${arn} does not allow rule ${ruleIdOf(rule)} to call it: ${errorText(error)}`,
            {
              cause: error,
              hint: "Ask for the right lambda:AddPermission, or for the permission.",
            },
          );
        }
      }
    },
    async given(rule) {
      const found = await inParallel(functionsOf(rule), PARALLEL, async (arn) => {
        const state = await stateOf(arn);
        const own = statementId(ruleArn(rule, arn));
        const has = state.kind === "policy" && state.statements.some(({ Sid }) => Sid === own);
        return has ? [arn] : [];
      });
      return found.flat();
    },
    async revoke(rule, after = {}) {
      const kept = functionsOf(after);
      for (const arn of functionsOf(rule)) {
        if (kept.includes(arn)) continue;
        const { sdk, client } = await lambda();
        const StatementId = statementId(ruleArn(rule, arn));
        // A permission for a rule that is gone does no harm: that it cannot be taken back fails nothing.
        await client
          .send(new sdk.RemovePermissionCommand({ FunctionName: arn, StatementId }))
          .catch(() => undefined);
      }
    },
  };
}

type FunctionState =
  | { readonly kind: "policy"; readonly statements: readonly DataMap[] }
  | { readonly kind: "absent" | "unknown" };

/** ARNs of the functions that a rule calls without a role of its own, which would have the right. */
function functionsOf({ targets }: DataMap): string[] {
  if (!Array.isArray(targets)) return [];
  const arns = targets.flatMap((target: Data) => {
    const arn = typeof target === "string" ? target : isDataMap(target) ? target["Arn"] : undefined;
    return typeof arn === "string" && /^arn:[^:]+:lambda:[^:]*:[^:]*:function:/.test(arn)
      ? [arn]
      : [];
  });
  return [...new Set(arns)];
}

/** The rule of this account and region, where the function is as well. */
function ruleArn(rule: DataMap, functionArn: string): string {
  const [, partition = "aws", , region = "", account = ""] = functionArn.split(":");
  const { bus, name } = parseRuleId(ruleIdOf(rule));
  const own = bus === "default" ? name : `${bus.replace(/^.*\//, "")}/${name}`;
  return `arn:${partition}:events:${region}:${account}:rule/${own}`;
}

/** The same each time, so that it is found again. */
function statementId(source: string): string {
  return `lava-${createHash("sha256").update(source).digest("hex").slice(0, 32)}`;
}

function statementsOf(policy: string | undefined): DataMap[] {
  const data: Data = policy === undefined ? null : parseJson(policy);
  const list: Data | undefined = isDataMap(data) ? data["Statement"] : undefined;
  return Array.isArray(list) ? list.filter((item: Data) => isDataMap(item)) : [];
}

/** Whether a statement lets EventBridge call the function for a rule; patterns of ARNs have `*` and `?`. */
function isAllowed(statements: readonly DataMap[], source: string): boolean {
  return statements.some((statement) => {
    const { Effect, Principal, Action, Condition } = statement;
    const service =
      Principal !== undefined && isDataMap(Principal) ? Principal["Service"] : Principal;
    if (
      Effect !== "Allow" ||
      !texts(service).some((name) => /^(?:events\.amazonaws\.com(?:\.cn)?|\*)$/.test(name))
    )
      return false;
    if (!texts(Action).some((action) => /^(?:lambda:(?:InvokeFunction|\*)|\*)$/i.test(action)))
      return false;
    const wanted =
      Condition !== undefined && isDataMap(Condition)
        ? Object.values(Condition).flatMap((test: Data) =>
            isDataMap(test) ? sourceArns(test) : [],
          )
        : [];
    return wanted.length === 0 || wanted.some((pattern) => matches(pattern, source));
  });
}

function sourceArns(test: DataMap): string[] {
  return Object.entries(test).flatMap(([name, value]) =>
    name.toLowerCase() === "aws:sourcearn" ? texts(value) : [],
  );
}

function texts(value: Data | undefined): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item: Data) => typeof item === "string") : [];
}

function matches(pattern: string, text: string): boolean {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\\([*?])/g, ".$1");
  return new RegExp(`^${source.replaceAll(".?", ".")}$`, "s").test(text);
}
