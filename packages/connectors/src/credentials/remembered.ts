import type { Realm } from "@lava/realm";

/** Credentials with an end. */
export interface TemporaryCredentials {
  readonly user: string;
  readonly password: string;
  /** Milliseconds since 1970; until a minute before it they are used again. */
  readonly until: number;
}

const MARGIN_MS = 60_000;
const remembered = new WeakMap<Realm, Map<string, Promise<TemporaryCredentials>>>();

/**
 * Credentials that are good for a while: asked for again when they are about to end, or when `refresh` says that the
 * server refuses them. Failures are not remembered; the password is masked from then on.
 */
export async function rememberCredentials(
  realm: Realm,
  key: string,
  refresh: boolean,
  get: () => Promise<TemporaryCredentials>,
): Promise<TemporaryCredentials> {
  const known = remembered.get(realm) ?? new Map<string, Promise<TemporaryCredentials>>();
  remembered.set(realm, known);
  const last = refresh ? undefined : await known.get(key);
  if (last !== undefined && last.until - MARGIN_MS > realm.clock.now()) return last;
  const asked = get();
  known.set(key, asked);
  try {
    const credentials = await asked;
    realm.redactor.add(credentials.password);
    return credentials;
  } catch (error) {
    if (known.get(key) === asked) known.delete(key);
    throw error;
  }
}
