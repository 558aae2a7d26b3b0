import type { EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { required, textOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import type { FunctionStore, PolicyStatement } from "./function-store.ts";

/** Who may invoke a function. */
export interface Policies {
  add(name: string, qualifier: string | undefined, input: JsonObject): object;
  get(name: string, qualifier: string | undefined): object;
  remove(name: string, sid: string): void;
}

/** Makes the operations on resource policies. */
export function createPolicies(
  { store }: Pick<EngineContext, "store">,
  functions: FunctionStore,
): Policies {
  const render = (name: string, statement: PolicyStatement): object => {
    const { sid, action, principal, sourceArn, sourceAccount, qualifier } = statement;
    const condition = {
      ...(sourceArn === undefined ? {} : { ArnLike: { "AWS:SourceArn": sourceArn } }),
      ...(sourceAccount === undefined
        ? {}
        : { StringEquals: { "AWS:SourceAccount": sourceAccount } }),
    };
    return {
      Sid: sid,
      Effect: "Allow",
      Principal:
        principal === "*"
          ? "*"
          : principal.includes(".")
            ? { Service: principal }
            : { AWS: principal },
      Action: action,
      Resource: functions.arn(name, qualifier),
      ...(Object.keys(condition).length === 0 ? {} : { Condition: condition }),
    };
  };
  const missing = (): AwsError =>
    new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", {
      status: 404,
    });

  return {
    add(name, qualifier, input) {
      functions.get(name, qualifier);
      const sid = required(textOf(input, "StatementId"), "StatementId");
      const { policy } = functions.extras(name);
      if (policy.some((one) => one.sid === sid)) {
        throw new AwsError(
          "ResourceConflictException",
          `The statement id (${sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
          { status: 409 },
        );
      }
      const statement = {
        sid,
        action: required(textOf(input, "Action"), "Action"),
        principal: required(textOf(input, "Principal"), "Principal"),
        sourceArn: textOf(input, "SourceArn"),
        sourceAccount: textOf(input, "SourceAccount"),
        qualifier,
      };
      store.write(() => functions.setExtras(name, { policy: [...policy, statement] }));
      return { Statement: JSON.stringify(render(name, statement)) };
    },
    get(name, qualifier) {
      functions.get(name, qualifier);
      const statements = functions.extras(name).policy.filter((one) => one.qualifier === qualifier);
      if (statements.length === 0) throw missing();
      const Statement = statements.map((statement) => render(name, statement));
      return {
        Policy: JSON.stringify({ Version: "2012-10-17", Id: "default", Statement }),
        RevisionId: functions.get(name).revision,
      };
    },
    remove(name, sid) {
      functions.get(name);
      const { policy } = functions.extras(name);
      if (!policy.some((one) => one.sid === sid)) throw missing();
      store.write(() =>
        functions.setExtras(name, { policy: policy.filter((one) => one.sid !== sid) }),
      );
    },
  };
}
