/** Libraries of other languages, as contestants: those whose packages Debian has installed here are built and take part. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const built = join(here, '../.build/bench');

const GO = '/usr/share/gocode';
const CRATES = '/usr/share/cargo/registry';

const has = (folder, start) => existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(start));

const PEERS = [
  {
    // cargo, librust-rtnetlink-dev
    name: 'Rust',
    installed: () => has(CRATES, 'rtnetlink-'),
    command: [
      ...['cargo', 'build', '--release', '--offline', '--quiet', '--config', 'source.crates-io.replace-with="debian"'],
      ...['--config', `source.debian.directory="${CRATES}"`],
    ],
    program: 'rust/target/release/rtnetlink',
  },
  {
    // golang-go, golang-github-vishvananda-netlink-dev
    name: 'Go',
    installed: () => existsSync(`${GO}/src/github.com/vishvananda/netlink`),
    command: ['go', 'build', '-o', 'vishvananda', 'main.go'],
    env: { GO111MODULE: 'off', GOPATH: GO },
    program: 'go/vishvananda',
  },
];

/** Those that are installed, as `{ name, command }`; of one that cannot be built it is said why. */
export function installedPeers() {
  return PEERS.filter(({ installed }) => installed()).flatMap(({ name, command, env, program }) => {
    const folder = join(built, dirname(program).split('/')[0]);
    // Both leave files beside their sources.
    cpSync(join(here, 'peers', name.toLowerCase()), folder, { recursive: true });
    const { status, error, stderr } = spawnSync(command[0], command.slice(1), {
      cwd: folder,
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    if (status === 0) return [{ name, command: [join(built, program)] }];
    console.error(`${name} does not take part: ${error?.message ?? stderr.trim()}`);
    return [];
  });
}
