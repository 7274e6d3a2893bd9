/**
 * What a test may need of the kernel, the iproute2 and the processor that it runs on, and which of it is not there.
 * Rows of test/skips.json name them under `needs`:
 *
 *   kind NAME                 links of a kind can be made
 *   bridge VLAN filtering     bridges of this kernel filter VLANs
 *   module NAME               can be loaded, or is built in
 *   /dev/net/tun              can be opened
 *   program NAME              is installed
 *   kernel 6.3                this version at least
 *   iproute2 7.2              this version at least
 *   real processor            times are those of a processor, not of an emulator
 */
import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { run } from './run.mjs';

/** Whether a version (`6.18.44-amd64`) is at least another (`6.3`). */
export function atLeast(have, wanted) {
  const [a, b] = have.split(/[.-]/).map(Number);
  const [c, d] = wanted.split('.').map(Number);
  return a > c || (a === c && b >= d);
}

/**
 * Which lines of `ip -batch` were refused because the kernel does not know what they ask for. Other refusals come from
 * the kind itself (macvlan wants a lower link), so the kind is there.
 */
export function unknownLines(err) {
  const unknown = [];
  let words = '';
  for (const line of err.split('\n')) {
    const number = /^Command failed .*:(\d+)$/.exec(line)?.[1];
    if (number === undefined) words += `${line}\n`;
    else {
      if (/Unknown device type|Operation not supported/.test(words)) unknown.push(Number(number) - 1);
      words = '';
    }
  }
  return unknown;
}

const LINES = {
  kind: (name, i) => `link add probe${i} type ${name}`,
  bridge: (_, i) => `link add probe${i} type bridge vlan_filtering 1`,
};

/** Of links: asks the kernel, in one process and a namespace of its own. `prefix` is the command of that namespace. */
async function lackingLinks(wanted, prefix) {
  if (wanted.length === 0) return [];
  const lines = wanted.map((need, i) => LINES[need.split(' ')[0]](need.split(' ')[1], i));
  const [command, ...args] = [...prefix, 'sh', '-c', `printf '%s\\n' "$0" | ip -force -batch -`, lines.join('\n')];
  const { err } = await run(command, args, { timeout: 60_000 });
  return unknownLines(err).map((i) => wanted[i]);
}

/** Whether it can be opened by the user that the lane runs as. */
async function opens(path, [command, ...args]) {
  return (await run(command, [...args, 'test', '-r', path, '-a', '-w', path])).code === 0;
}

const installed = (name) =>
  [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].some((d) => existsSync(`${d}/${name}`));

async function loads(module) {
  const env = { PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  return existsSync(`/sys/module/${module}`) || (await run('modprobe', ['-n', '-q', module], { env })).code === 0;
}

/** Those of `needs` that this machine, or this guest, lacks. */
export async function lacking(needs, prefix) {
  const links = needs.filter((n) => n.split(' ')[0] in LINES);
  const lost = await lackingLinks(links, prefix);
  for (const need of needs.filter((n) => !links.includes(n))) {
    const [what, wanted] = need.split(' ');
    if (what === 'kernel' && atLeast(release(), wanted)) continue;
    if (what === 'iproute2' && atLeast((await iproute2Version()) ?? '0.0', wanted)) continue;
    if (what === 'module' && (await loads(wanted))) continue;
    if (what === 'program' && installed(wanted)) continue;
    if (need === '/dev/net/tun' && (await opens(need, prefix))) continue;
    if (need === 'real processor' && !/QEMU|TCG/.test(readFileSync('/proc/cpuinfo', 'utf8'))) continue;
    if (
      !['kernel', 'iproute2', 'module', 'program'].includes(what) &&
      !['/dev/net/tun', 'real processor'].includes(need)
    )
      throw new Error(`test/skips.json needs "${need}", which nobody knows how to look for`);
    lost.push(need);
  }
  return lost;
}

/** Version of the `ip` in PATH, or undefined. */
export async function iproute2Version() {
  return /iproute2-([\w.]+)/.exec((await run('ip', ['-V'])).out)?.[1];
}
