import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { GenericMonitor, genericRows, NETLINK_GENERIC } from './generic.js';
import { type Message, objectOf, splitMessages, typeName } from './message.js';
import { distinct, type Row, USUAL_READER } from './row.js';
import { type Area, type NormalStep, normalSteps, type Scene } from './scene.js';
import { type Trace, traced } from './strace.js';
import { witnessOf } from './witness.js';

/** What a scene gave: its rows, and the captured commands that the kernel or iproute2 refused. */
export interface SceneResult {
  rows: Row[];
  refused: { step: string; command: string; answer: string; sent: boolean }[];
}

const SCRATCH = '/run/capture';
const AF_BRIDGE = 7;
const RTM_NEWLINK = 16;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;

const version = /iproute2-([\w.]+)/.exec(execFileSync('ip', ['-V'], { encoding: 'utf8' }))?.[1] ?? '?';
const iproute2 = `iproute2 ${version}`;
const linux = `Linux ${release().split('.').slice(0, 2).join('.')}`;

/** Runs a scene. The calling process must already be alone in its network, mount and pid namespaces. */
export function runScene(scene: Scene, replayLibrary: string): SceneResult {
  // Hides the machine's named namespaces and files; all of it ends with the mount namespace.
  for (const command of ['mount -t tmpfs tmpfs /run', 'mount -t sysfs sysfs /sys', 'ip link set lo up']) shell(command);
  mkdirSync(SCRATCH);
  // Duplicate address detection would make flags depend on the clock.
  shell('echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad; echo 0 > /proc/sys/net/ipv6/conf/all/accept_dad');
  const events = scene.events ? new EventFile(`${SCRATCH}/events`) : undefined;
  const monitor = scene.monitor === undefined ? undefined : new GenericMonitor(scene.monitor, `${SCRATCH}/monitor`);
  const result: SceneResult = { rows: [], refused: [] };
  for (const step of normalSteps(scene)) {
    if (step.captured) captureStep(scene, step, replayLibrary, events, result);
    else shell(step.run);
    events?.take();
  }
  events?.close();
  for (const row of monitor?.take(linux) ?? [])
    result.rows.push({ ...row, name: `${scene.name}: ${row.name} / event` });
  result.rows = distinct(result.rows);
  return result;
}

function captureStep(
  scene: Scene,
  step: NormalStep,
  library: string,
  events: EventFile | undefined,
  into: SceneResult,
): void {
  const rows: Row[] = [];
  const run = traced(step.run, `${SCRATCH}/strace`, scene.area === 'genl' ? NETLINK_GENERIC : 0);
  const answer = run.exit === 0 ? undefined : (run.stderr.trim().split('\n').at(-1) ?? `exit ${run.exit}`);
  if (scene.area === 'errors') rows.push(...answers(step.run, run));
  else if (scene.area === 'genl') rows.push(...genericRows(step.run, run, { iproute2, linux }));
  else rows.push(...conversation(scene, step.run, run, library));
  if (answer !== undefined && scene.area !== 'errors') {
    for (const row of rows) if (row.direction === 'request' && row.type !== 'CTRL_CMD_GETFAMILY') row.refused = answer;
    into.refused.push({ step: step.name, command: step.run, answer, sent: rows.length > 0 });
  } else if (step.show !== undefined && scene.area === 'genl') {
    const shown = traced(step.show, `${SCRATCH}/strace`, NETLINK_GENERIC);
    rows.push(...genericRows(step.show, shown, { iproute2, linux }));
  } else if (step.show !== undefined) {
    rows.push(...conversation(scene, step.show, traced(step.show, `${SCRATCH}/strace`), library));
  }
  for (const message of events?.take() ?? [])
    if (belongs(scene.area, message)) rows.push(row(scene.area, message, 'event', step.run, library));
  if (step.undo !== undefined && answer === undefined) shell(step.undo);
  into.rows.push(...rows.map((r) => ({ ...r, name: `${step.name} / ${r.direction}` })));
}

// `ip` opens with this empty request to find out whether the kernel has RTM_NEWLINK.
function isProbe(message: Message): boolean {
  return message.type === RTM_NEWLINK && message.length === 32 && message.bytes.subarray(16).every((b) => b === 0);
}

/** Objects whose messages have files of their own, and come up in scenes of others when names are looked up. */
const ELSEWHERE = new Set<string>(['link', 'addr', 'route']);
const OTHERS = new Set<string>(['rules', 'neighbours', 'others']);

/** `bridge` reads all links for their names; only what the scene is about is kept. */
function belongs(area: Area, { type, bytes }: Message): boolean {
  const object = objectOf(type);
  if (area === 'mdb') return object === 'mdb';
  if (area === 'vlans') return object === 'vlan' || (object === 'link' && bytes[16] === AF_BRIDGE);
  return object !== 'other' && !(OTHERS.has(area) && ELSEWHERE.has(object));
}

// Objects only: acknowledgements and the ends of dumps are the errors' matter.
function conversation({ area }: Scene, command: string, run: Trace, library: string): Row[] {
  return run.exchange
    .filter(({ message }) => belongs(area, message) && !isProbe(message))
    .map(({ direction, message }) => row(area, message, direction, command, library));
}

function answers(command: string, run: Trace): Row[] {
  const rows: Row[] = [];
  let request: Message | undefined;
  for (const { direction, message } of run.exchange) {
    if (direction === 'request') request = message;
    else if (message.type === NLMSG_ERROR || message.type === NLMSG_DONE) {
      const witness = { exit: run.exit, stderr: run.stderr.trim() };
      const hex = message.bytes.toString('hex');
      const base = { name: '', source: linux, command, direction, type: typeName(message.type), hex, witness };
      rows.push(request ? { ...base, request: request.bytes.toString('hex') } : base);
    }
  }
  return rows;
}

function row(area: Area, message: Message, direction: Row['direction'], command: string, library: string): Row {
  const witness = witnessOf(message, area, library, `${SCRATCH}/message`);
  const source = direction === 'request' ? iproute2 : linux;
  const hex = message.bytes.toString('hex');
  const reader = witness === null || version === USUAL_READER ? {} : { reader: version };
  const made: Row = { name: '', source, command, direction, type: typeName(message.type), hex, witness, ...reader };
  return witness === null && direction === 'request' ? { ...made, args: command.split(/\s+/) } : made;
}

function shell(command: string): void {
  const run = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (run.status !== 0) process.stderr.write(`  prepare: ${command}: ${run.stderr.trim()}\n`);
}

/** rtmon's file of notifications, read as it grows. */
class EventFile {
  readonly #path: string;
  readonly #rtmon: ChildProcess;
  #read = 0;

  constructor(path: string) {
    this.#path = path;
    this.#rtmon = spawn('rtmon', ['file', path, 'all'], { stdio: 'ignore' });
    this.take();
  }

  /** The notifications since the last call. */
  take(): Message[] {
    let size = -1;
    // The kernel queues a notification before the command's acknowledgement, rtmon writes it a moment later.
    for (let quiet = 0; quiet < 3; ) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
      const now = existsSync(this.#path) ? statSync(this.#path).size : 0;
      quiet = now === size && now > 0 ? quiet + 1 : 0;
      size = now;
    }
    const bytes = Buffer.alloc(size - this.#read);
    const fd = openSync(this.#path, 'r');
    readSync(fd, bytes, 0, bytes.length, this.#read);
    closeSync(fd);
    this.#read = size;
    return splitMessages(bytes);
  }

  close(): void {
    this.#rtmon.kill();
  }
}
