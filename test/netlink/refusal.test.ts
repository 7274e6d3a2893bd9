/** Refusals that the kernel gave to iproute2: our error must say what iproute2 printed, and name the attribute. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { aligned } from '../../src/codec/bytes.js';
import { NLMSG_HDRLEN, readHeader } from '../../src/codec/header.js';
import { knownMessage } from '../../src/iproute/messages.js';
import { refusal } from '../../src/netlink/refusal.js';

interface Row {
  name: string;
  type: string;
  hex: string;
  request: string;
  witness: { exit: number; stderr: string };
}

const rows = JSON.parse(readFileSync(new URL('../../../test/golden/errors.json', import.meta.url), 'utf8')) as Row[];

/** What strerror(3) of glibc says. */
const STRERROR: Readonly<Record<string, string>> = {
  'File exists': 'EEXIST',
  'Invalid argument': 'EINVAL',
  'No such device': 'ENODEV',
  'No such process': 'ESRCH',
  'Operation not supported': 'EOPNOTSUPP',
  'Operation not permitted': 'EPERM',
  'Network is unreachable': 'ENETUNREACH',
  'No route to host': 'EHOSTUNREACH',
  'Numerical result out of range': 'ERANGE',
  'Cannot assign requested address': 'EADDRNOTAVAIL',
  'Device or resource busy': 'EBUSY',
  'Network is down': 'ENETDOWN',
  'No such file or directory': 'ENOENT',
  'Too many levels of symbolic links': 'ELOOP',
  'Permission denied': 'EACCES',
  'No such device or address': 'ENXIO',
  'Address already in use': 'EADDRINUSE',
  'Invalid cross-device link': 'EXDEV',
  'Cannot allocate memory': 'ENOMEM',
  'Connection timed out': 'ETIMEDOUT',
};

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

let refused = 0;
let told = 0;
let named = 0;
for (const row of rows) {
  if (row.type !== 'NLMSG_ERROR' || row.witness.exit === 0) continue;
  const reply = aligned(bytes(row.hex));
  const header = readHeader(reply, 0, reply.u8.length);
  const errno = -reply.i32[NLMSG_HDRLEN >> 2]!;
  if (errno === 0) continue;
  refused++;
  const request = bytes(row.request);
  const asked = readHeader(aligned(request), 0, request.length);
  const known = knownMessage(asked.type);
  const error = refusal(
    { op: known?.op ?? '?', def: known?.def, bytes: request, seq: asked.seq },
    reply,
    NLMSG_HDRLEN,
    header.len,
    header.flags,
    errno,
  );
  const [line = ''] = row.witness.stderr.split('\n');
  const words = /^(?:Error|Warning): (.*)$/.exec(line)?.[1];
  if (words !== undefined) {
    told++;
    t.equal(error.kernelMessage?.replace(/\.$/, ''), words.replace(/\.$/, ''), row.name);
  } else {
    const text = /answers: (.*)$/.exec(line)?.[1] ?? '';
    t.equal(error.code, STRERROR[text] ?? `no code for ${text}`, row.name);
  }
  t.equal(error.errno, -errno);
  if (error.offset !== undefined) {
    named++;
    t.type(error.attribute, 'string', `${row.name}: at ${error.attribute}`);
    t.notMatch(error.attribute, /(^|\.)\d+$/, 'a name, not a number');
    // Of some flags of VXLAN the kernel points at what is around them, and its words say which.
    const precise = error.attributeSource === 'inferred' && /flag$/.test(error.kernelMessage ?? '');
    t.ok(error.attributeSource === 'kernel' || error.attributeSource === 'missing' || precise);
  }
}
t.comment(`${refused} refusals, ${told} with the kernel's words, ${named} with an attribute`);
t.ok(refused >= 80 && told >= 40 && named >= 3);

/** What the attribute must be, read from the command that was refused. */
const PATHS: readonly [part: RegExp, path: string][] = [
  [/srcport 5000 4000/, 'linkinfo.vxlan.portRange'],
  [/mtu 10 type vxlan/, 'mtu'],
];
for (const [part, path] of PATHS) {
  const row = rows.find(({ name, type }) => part.test(name) && type === 'NLMSG_ERROR');
  t.ok(row, String(part));
  if (row === undefined) continue;
  const reply = aligned(bytes(row.hex));
  const header = readHeader(reply, 0, reply.u8.length);
  const known = knownMessage(16);
  const error = refusal(
    { op: 'RTM_NEWLINK', def: known?.def, bytes: bytes(row.request), seq: 1 },
    reply,
    NLMSG_HDRLEN,
    header.len,
    header.flags,
    -reply.i32[4]!,
  );
  t.equal(error.attribute, path);
  t.equal(error.attributeSource, 'kernel');
}
