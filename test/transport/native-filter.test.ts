/** Filters of the addon: what the program returns 0 for is not queued; nothing else is taken as a program. */
import t from 'tap';
import { openNative } from '../../src/transport/native.js';
import { META_HEAD, META_STRIDE } from '../../src/transport/transport.js';
import { EBADF, EINVAL } from './helpers.js';

/** `ret k`: struct sock_filter with the code BPF_RET | BPF_K. */
const ret = (k: number): Uint8Array => new Uint8Array(Uint32Array.of(6, k).buffer);
/** A message that the kernel answers with an error: any socket gets that. */
const nonsense = new Uint8Array(Uint32Array.of(20, 0x0001_0fff, 1, 0, 0).buffer);

t.test('a program drops all, another in its place lets all through', (t) => {
  const socket = openNative(0);
  const area = new Uint8Array(4096);
  const meta = new Int32Array(META_HEAD + META_STRIDE * 4);
  const answers = () => Math.max(0, socket.exchange(nonsense, area, meta, 1, 1000));
  t.equal(answers(), 1);
  t.equal(socket.filter!(ret(0)), 0);
  t.equal(answers(), 0, 'nothing passes');
  t.equal(socket.filter!(ret(0xffffffff)), 0, 'another program in its place');
  t.equal(answers(), 1);
  socket.close();
  t.equal(socket.filter!(ret(0)), -EBADF);
  t.end();
});

t.test('what is no program', (t) => {
  const socket = openNative(0);
  const filter = socket.filter!.bind(socket) as (program: unknown) => number;
  for (const bad of [undefined, null, 1, 'x', [], new Uint8Array(7), new Uint16Array(4)])
    t.throws(() => filter(bad), { code: 'ERR_INVALID_ARG_TYPE' });
  // Empty, without a return at its end, with a jump out of it, longer than any.
  t.equal(filter(new Uint8Array(0)), -EINVAL);
  t.equal(filter(new Uint8Array(8)), -EINVAL);
  t.equal(filter(new Uint8Array([...new Uint8Array(Uint32Array.of(5, 9).buffer), ...ret(0)])), -EINVAL);
  t.equal(filter(new Uint8Array(8 * 70_000)), -EINVAL);
  socket.close();
  t.end();
});
