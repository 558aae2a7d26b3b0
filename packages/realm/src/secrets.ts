/** Secrets of a realm; what it hands out is masked by the realm's redactor from then on. */
export interface SecretStore {
  /** An SSM parameter, decrypted; cached PARAM_CACHE_TTL. @throws {LavaError} NO_SUCH_PARAMETER */
  parameter(name: string): Promise<string>;
  /** The text of a Secrets Manager secret; cached likewise. @throws {LavaError} NO_SUCH_SECRET */
  secret(id: string): Promise<string>;
}
