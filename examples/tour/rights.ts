/** Why a namespace could not be made, in words that help. */
import { readFileSync } from 'node:fs';

/** Switches that forbid namespaces to ordinary users: file, the value that forbids, name. */
const SWITCHES = [
  ['/proc/sys/kernel/unprivileged_userns_clone', '0', 'kernel.unprivileged_userns_clone is 0'],
  ['/proc/sys/user/max_user_namespaces', '0', 'user.max_user_namespaces is 0'],
  ['/proc/sys/user/max_net_namespaces', '0', 'user.max_net_namespaces is 0'],
  [
    '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    '1',
    'kernel.apparmor_restrict_unprivileged_userns is 1 (a rule of AppArmor)',
  ],
] as const;

function forbidding(): string[] {
  return SWITCHES.filter(([file, value]) => {
    try {
      return readFileSync(file, 'utf8').trim() === value;
    } catch {
      return false;
    }
  }).map(([, , name]) => name);
}

/** The missing right. `why` is what the attempt said. */
export function missingRight(root: boolean, why: string): string {
  if (why.includes('ENOENT')) return 'The command unshare is not installed (Debian: util-linux).';
  const right = root
    ? 'This process is root without CAP_SYS_ADMIN and CAP_NET_ADMIN; containers get them by --cap-add or --privileged.'
    : 'Ordinary users may not make user namespaces here; root may (sudo npm start).';
  const found = forbidding();
  return [right, found.length === 0 ? '' : `The reason may be: ${found.join('; ')}.`, why === '' ? '' : `(${why})`]
    .filter(Boolean)
    .join(' ');
}
