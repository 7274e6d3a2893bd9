// The second recorder: commands run under strace while an nlmon interface sees what the kernel was given and gave.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type NormalStep, normalSteps, type Scene } from './scene.js';
import { type Datagram, traced } from './strace.js';

/** What two recorders saw of one command. */
export interface Recorded {
  command: string;
  strace: Datagram[];
  nlmon: Datagram[];
}

const DEVICE = 'nlmon0';
const SCRATCH = '/run/capture';
/** Numbers of protocols from here on are EtherTypes; those of netlink are below 32. */
const ETHERTYPES = 0x600;

/** The recorder's file, see nlmon.c. */
export function datagramsIn(file: Buffer): Datagram[] {
  const found: Datagram[] = [];
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32LE(at);
    const bytes = file.subarray(at + 8, at + 8 + length);
    if (bytes.length !== length) throw new Error('the file of the recorder is cut off');
    const protocol = file.readUInt16LE(at + 4);
    // The interface is up, and so sends packets of its own (of IPv6, say), whose protocols are those of Ethernet.
    if (protocol < ETHERTYPES) found.push({ protocol, bytes });
    at += 8 + length;
  }
  return found;
}

/**
 * Datagrams by protocol and by the port of their header: requests of iproute2 have none, answers have that of their
 * socket. Within one of these the order is the same for both recorders; the order among sockets is not, as an answer
 * waits in its queue while the next socket is used.
 */
function byPort(datagrams: Datagram[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { protocol, bytes } of datagrams) {
    const port = `protocol ${protocol}, port ${bytes.readUInt32LE(12)}`;
    found.set(port, [...(found.get(port) ?? []), bytes.toString('hex')]);
  }
  return found;
}

/** Where two recordings differ; none when they are the same byte for byte. */
export function disagreements({ command, strace, nlmon }: Recorded): string[] {
  const [one, other] = [byPort(strace), byPort(nlmon)];
  const found: string[] = [];
  for (const port of new Set([...one.keys(), ...other.keys()])) {
    const [a, b] = [one.get(port) ?? [], other.get(port) ?? []];
    if (a.length !== b.length) found.push(`${command}: ${port}: strace has ${a.length} datagrams, nlmon ${b.length}`);
    for (const [i, hex] of a.entries()) {
      if (b[i] !== undefined && b[i] !== hex) found.push(`${command}: ${port}: ${hex} is ${b[i]} to nlmon`);
    }
  }
  return found;
}

/** Runs a scene with both recorders. The calling process must already be alone in its network namespace. */
export async function recordTwice(scene: Scene, recorder: string): Promise<Recorded[]> {
  shell(`mount -t tmpfs tmpfs /run; mount -t sysfs sysfs /sys; mkdir ${SCRATCH}`, true);
  shell(`ip link set lo up; ip link add ${DEVICE} type nlmon && ip link set ${DEVICE} up`, true);
  const found: Recorded[] = [];
  for (const step of normalSteps(scene)) {
    if (!step.captured) shell(step.run);
    else found.push(...(await recordStep(step, recorder)));
  }
  return found;
}

async function recordStep(step: NormalStep, recorder: string): Promise<Recorded[]> {
  const found: Recorded[] = [];
  for (const command of [step.run, step.show].filter((c) => c !== undefined)) {
    const file = `${SCRATCH}/nlmon`;
    const second = spawn(recorder, [DEVICE, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve, reject) => {
      second.stdout.once('data', () => resolve());
      second.once('exit', () => reject(new Error('the recorder ended before it listened')));
    });
    const { datagrams } = traced(command, `${SCRATCH}/strace`);
    const ended = new Promise<number | null>((resolve) => second.once('exit', resolve));
    second.kill('SIGTERM');
    if ((await ended) !== 0) throw new Error('the recorder failed');
    found.push({ command, strace: datagrams, nlmon: datagramsIn(readFileSync(file)) });
  }
  if (step.undo !== undefined) shell(step.undo);
  return found;
}

function shell(command: string, must = false): void {
  const run = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8' });
  if (must && run.status !== 0) throw new Error(`${command}: ${run.stderr}`);
}
