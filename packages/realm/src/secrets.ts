import { type Clock, LavaError, type Redactor } from "@lava/core";
import { awsErrorCode, fromAwsError } from "./aws-errors.ts";
import type { AwsService } from "./aws-settings.ts";
import type { AwsClients } from "./clients.ts";

/** Secrets of a realm; what it hands out is masked by the realm's redactor from then on. */
export interface SecretStore {
  /** An SSM parameter, decrypted; cached PARAM_CACHE_TTL. @throws {LavaError} NO_SUCH_PARAMETER */
  parameter(name: string, options?: ReadSecretOptions): Promise<string>;
  /** The text of a Secrets Manager secret; cached likewise. @throws {LavaError} NO_SUCH_SECRET */
  secret(id: string, options?: ReadSecretOptions): Promise<string>;
}

/** How a secret is read. */
export interface ReadSecretOptions {
  /** Asks again instead of taking what is remembered: for one that turned out to be out of date. */
  readonly refresh?: boolean;
}

/** What a secret store needs. */
export interface SecretStoreOptions {
  readonly clients: AwsClients;
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** PARAM_CACHE_TTL in seconds and PARAM_CACHE_SIZE; 0 of either disables the cache (WK-178). */
  readonly cache: { readonly ttl: number; readonly size: number };
}

/** Reads secrets of SSM and Secrets Manager; one that cannot be read is asked for again (CON-all-05). */
export function openSecretStore(options: SecretStoreOptions): SecretStore {
  const { clients, redactor } = options;
  const parameters = cached(options, async (name) => {
    try {
      const [ssm, { GetParameterCommand }] = await Promise.all([
        clients.ssm(),
        import("./sdk/ssm.ts"),
      ]);
      const answer = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
      return answer.Parameter?.Value ?? "";
    } catch (error) {
      throw fault(error, "ParameterNotFound", "NO_SUCH_PARAMETER", `SSM parameter ${name}`, "SSM");
    }
  });
  const secrets = cached(options, async (id) => {
    try {
      const [manager, { GetSecretValueCommand }] = await Promise.all([
        clients.secretsManager(),
        import("./sdk/secrets-manager.ts"),
      ]);
      const answer = await manager.send(new GetSecretValueCommand({ SecretId: id }));
      return answer.SecretString ?? Buffer.from(answer.SecretBinary ?? []).toString();
    } catch (error) {
      throw fault(
        error,
        "ResourceNotFoundException",
        "NO_SUCH_SECRET",
        `secret ${id}`,
        "SECRETS_MANAGER",
      );
    }
  });

  function fault(
    error: unknown,
    missing: string,
    code: string,
    what: string,
    service: AwsService,
  ): unknown {
    if (awsErrorCode(error) !== missing) return fromAwsError(error, clients.settings, service);
    const hint = "Put it there, or see to the name, the region and the account.";
    return new LavaError(code, `There is no ${what}`, { cause: error, hint });
  }

  const registered = (read: ReadSecret) => async (name: string, options?: ReadSecretOptions) => {
    const value = await read(name, options);
    redactor.add(value);
    return value;
  };
  return { parameter: registered(parameters), secret: registered(secrets) };
}

type ReadSecret = (name: string, options?: ReadSecretOptions) => Promise<string>;

/** Remembers what `read` gave, for `ttl` seconds; the entry that was used least recently goes first. */
function cached(
  { clock, cache }: SecretStoreOptions,
  read: (name: string) => Promise<string>,
): ReadSecret {
  const entries = new Map<string, { value: Promise<string>; until: number }>();
  return (name, { refresh = false } = {}) => {
    if (cache.ttl <= 0 || cache.size <= 0) return read(name);
    const known = entries.get(name);
    entries.delete(name);
    if (known !== undefined && !refresh && known.until > clock.now()) {
      entries.set(name, known);
      return known.value;
    }
    const value = read(name);
    const entry = { value, until: clock.now() + cache.ttl * 1000 };
    entries.set(name, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= cache.size) break;
      entries.delete(oldest);
    }
    return value.catch((error: unknown) => {
      if (entries.get(name) === entry) entries.delete(name);
      throw error;
    });
  };
}
