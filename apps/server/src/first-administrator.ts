import { randomBytes } from 'node:crypto';
import { type Registry } from '@watchfire/registry';

/**
 * Makes the first administrator on an empty registry. Without a configured password one is made and printed once: only
 * its hash is kept.
 */
export async function ensureAdministrator(registry: Registry, configured: string | null): Promise<void> {
  if ((await registry.users.count()) > 0) return;
  const password = configured ?? randomBytes(12).toString('base64url');
  await registry.users.create({
    username: 'admin',
    displayName: '管理员 Administrator',
    role: 'administrator',
    password,
  });
  await registry.audit.append({ actor: 'system', action: 'user.create', subject: 'admin' });
  if (configured === null) {
    process.stdout.write(
      `Sign in as admin with the password ${password} (shown this once; change it after signing in).\n`,
    );
  }
}
