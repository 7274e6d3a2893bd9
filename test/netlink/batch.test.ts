/** What a batch does when names are unknown, and when it is ended in the middle. */
import t from 'tap';
import { type BatchError, IPRoute } from '../../src/index.js';
import { Recorder } from '../iproute/recorder.js';

// A socket that waits keeps the process alive; the recorder has none.
const alive = setInterval(() => {}, 1000);
t.teardown(() => clearInterval(alive));

const NOOP = 1;
const ERROR = 2;
const GETLINK = 18;

interface Message {
  type: number;
  flags: number;
  seq: number;
  bytes: Buffer;
}

/** The messages of a datagram. */
function messages(sent: Uint8Array): Message[] {
  const all = Buffer.from(sent);
  const found: Message[] = [];
  for (let at = 0; at < all.length; at += (all.readUInt32LE(at) + 3) & ~3) {
    const bytes = all.subarray(at, at + all.readUInt32LE(at));
    found.push({ type: bytes.readUInt16LE(4), flags: bytes.readUInt16LE(6), seq: bytes.readUInt32LE(8), bytes });
  }
  return found;
}

/** NLMSG_ERROR for a message; errno 0 is consent. */
function answer({ bytes, seq }: Message, errno: number): Buffer {
  const reply = Buffer.alloc(36);
  reply.writeUInt32LE(36, 0);
  reply.writeUInt16LE(ERROR, 4);
  reply.writeUInt16LE(0x100, 6);
  reply.writeUInt32LE(seq, 8);
  reply.writeInt32LE(-errno, 16);
  bytes.copy(reply, 20, 0, 16);
  return reply;
}

/** RTM_NEWLINK with an index. */
function link({ seq }: Message, index: number): Buffer {
  const reply = Buffer.alloc(32);
  reply.writeUInt32LE(32, 0);
  reply.writeUInt16LE(16, 4);
  reply.writeUInt32LE(seq, 8);
  reply.writeInt32LE(index, 20);
  return reply;
}

/** A kernel where `links` are there; what is not a lookup is consented to as `consent` says. */
function kernel(links: Record<string, number>, consent: (sent: Message[]) => Uint8Array | undefined) {
  const recorder = new Recorder();
  const lookups: string[] = [];
  const portions: Message[][] = [];
  recorder.answer = (sent) => {
    const all = messages(sent);
    const [first] = all;
    if (first!.type === GETLINK) {
      const name = Object.keys(links).find((name) => first!.bytes.includes(`${name}\0`));
      lookups.push(name ?? '?');
      return name === undefined ? answer(first!, 19) : link(first!, links[name]!);
    }
    portions.push(all);
    return consent(all);
  };
  return { ipr: recorder.iproute(), lookups, portions };
}

const consentLast = (sent: Message[]): Buffer => answer(sent[sent.length - 1]!, 0);
const dst = (i: number): string => `10.${i >> 8}.${i & 255}.0/24`;

t.test('an unknown name fails its own message only', async (t) => {
  const { ipr, lookups, portions } = kernel({ known0: 7 }, consentLast);
  const batch = ipr.batch();
  batch.route('add', { dst: dst(0), oif: 'known0' });
  batch.route('add', { dst: dst(1), oif: 'nowhere0' });
  batch.route('add', { dst: dst(2), oif: 'known0' });
  const error = (await batch.commit().catch((error: unknown) => error)) as BatchError;
  t.match(
    error.results.map(({ error }) => (error as { code?: string } | null)?.code),
    [undefined, 'ENODEV', undefined],
  );
  t.match(error.results[1]!.error?.message, 'nowhere0');
  t.same(lookups, ['known0', '?'], 'a name is looked up once');
  t.same(
    portions.map((sent) => sent.map(({ type }) => type)),
    [[24, NOOP, 24]],
    'the kernel passes over it',
  );
  t.equal(portions[0]![2]!.bytes.includes(Buffer.from([8, 0, 4, 0, 7, 0, 0, 0])), true, 'RTA_OIF is the index');
  await ipr.close();
});

t.test('names are looked up after what may give them to others', async (t) => {
  const links: Record<string, number> = {};
  const { ipr, portions } = kernel(links, (sent) => {
    for (const { type } of sent) if (type === 16) links.fresh0 = 9;
    return consentLast(sent);
  });
  const batch = ipr.batch();
  batch.link('add', { ifname: 'fresh0', kind: 'dummy' });
  batch.addr('add', { dev: 'fresh0', address: '10.0.0.1/24' });
  batch.link('set', { dev: 'fresh0', mtu: 1400 });
  batch.route('add', { dst: dst(0), oif: 'fresh0' });
  const { results } = await batch.commit();
  t.equal(results.length, 4);
  t.same(
    portions.map((sent) => sent.map(({ type }) => type)),
    [[16], [20, 16, 24]],
    'a change of an MTU changes no name',
  );
  await ipr.close();
});

t.test('ended in the middle: what was done is told', async (t) => {
  const stop = new AbortController();
  let portion = 0;
  // The second portion is not answered.
  const { ipr } = kernel({}, (sent) => (portion++ === 0 ? consentLast(sent) : undefined));
  const fill = () => {
    const batch = ipr.batch();
    for (let i = 0; i < 5000; i++) batch.route('add', { dst: dst(i), gateway: '10.0.0.1', oif: 1, priority: 7 });
    return batch;
  };
  const batch = fill();
  const done = batch.commit({ signal: stop.signal }).catch((error: unknown) => error);
  const reason = new Error('enough');
  setTimeout(() => stop.abort(reason), 20);
  const error = (await done) as BatchError;
  t.equal(error.name, 'BatchError');
  t.equal(error.cause, reason);
  const of = (name: string) => error.results.filter((result) => (result.error?.name ?? 'none') === name).length;
  t.ok(of('none') > 0, 'the first portion was carried out');
  t.ok(of('OutcomeUnknownError') > 0, 'of the second nobody knows');
  t.ok(of('Error') > 0, 'the rest was not sent');
  t.equal(of('none') + of('OutcomeUnknownError') + of('Error'), 5000);
  t.equal(error.results[4999]!.error, reason);

  portion = 1;
  const { results } = await fill().commit({ timeout: 20, partial: true });
  t.equal(results[0]!.error?.name, 'OutcomeUnknownError', 'partial resolves');
  t.equal(results[4999]!.error?.name, 'TimeoutError');

  await t.rejects(fill().commit({ signal: AbortSignal.abort(reason) }), reason, 'before anything was sent: the reason');
  await ipr.close();
  await t.rejects(fill().commit(), { name: 'ClosedError' });
});

t.test('what was not sent stays in the batch', async (t) => {
  const { ipr, portions } = kernel({}, consentLast);
  const batch = ipr.batch();
  batch.route('add', { dst: dst(0), oif: 1 });
  const reason = new Error('not now');
  await t.rejects(batch.commit({ signal: AbortSignal.abort(reason) }), reason);
  t.equal(batch.length, 1);
  batch.route('add', { dst: dst(1), oif: 1 });
  t.equal((await batch.commit()).results.length, 2);
  t.same(
    portions.map((sent) => sent.length),
    [2],
  );
  t.equal(batch.length, 0);
  await ipr.close();
});

t.test('what cannot be looked up ends the batch before anything is sent', async (t) => {
  const recorder = new Recorder();
  const ipr = new IPRoute({ transport: recorder.transport });
  const batch = ipr.batch();
  batch.route('add', { dst: dst(0), oif: 'known0' });
  await t.rejects(batch.commit({ timeout: 20 }), { name: 'TimeoutError' });
  t.equal(recorder.sent.length, 1, 'the lookup');
  await ipr.close();
});
