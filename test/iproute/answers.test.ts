/** Acknowledgements with words: warnings of what was done, and the refusals of one message and of several. */
import t from 'tap';
import { BatchError, type NetlinkError } from '../../src/index.js';
import { Recorder } from './recorder.js';

const CAPPED = 0x100;
const TLVS = 0x200;

interface Words {
  text?: string;
  offset?: number;
}

/** One attribute of an extended acknowledgement. */
function tlv(type: number, payload: Buffer): Buffer {
  const whole = Buffer.alloc((payload.length + 7) & ~3);
  whole.writeUInt16LE(payload.length + 4, 0);
  whole.writeUInt16LE(type, 2);
  payload.copy(whole, 4);
  return whole;
}

/** The NLMSG_ERROR for the request at the start of `sent`; errno 0 is consent. */
function ack(sent: Uint8Array, errno: number, { text, offset }: Words = {}): Buffer {
  const tlvs: Buffer[] = [];
  if (text !== undefined) tlvs.push(tlv(1, Buffer.from(`${text}\0`)));
  if (offset !== undefined) {
    const value = Buffer.alloc(4);
    value.writeUInt32LE(offset);
    tlvs.push(tlv(2, value));
  }
  const request = Buffer.from(sent.subarray(0, 16));
  const head = Buffer.alloc(20);
  const answer = Buffer.concat([head, request, ...tlvs]);
  head.copy(answer);
  answer.writeUInt32LE(answer.length, 0);
  answer.writeUInt16LE(2, 4);
  answer.writeUInt16LE(CAPPED | (tlvs.length > 0 ? TLVS : 0), 6);
  answer.writeUInt32LE(request.readUInt32LE(8), 8);
  answer.writeInt32LE(-errno, 16);
  return answer;
}

/** The messages of one datagram. */
function messages(sent: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  const all = Buffer.from(sent);
  for (let at = 0; at < all.length; at += (all.readUInt32LE(at) + 3) & ~3)
    found.push(all.subarray(at, at + all.readUInt32LE(at)));
  return found;
}

t.test('a warning comes with the result', async (t) => {
  const recorder = new Recorder();
  recorder.answer = (sent) => ack(sent, 0, { text: 'quantum of class is big' });
  const ipr = recorder.iproute();
  t.same(await ipr.link('set', { index: 1, mtu: 1400 }), { warnings: ['quantum of class is big'] });
  recorder.answer = (sent) => ack(sent, 0);
  t.same(await ipr.link('set', { index: 1, mtu: 1400 }), { warnings: [] });
  await ipr.close();
});

t.test('a refusal with text and offset', async (t) => {
  const recorder = new Recorder();
  const ipr = recorder.iproute();
  recorder.answer = (sent) => ack(sent, 22, { text: 'no', offset: 32 });
  await t.rejects(ipr.link('set', { index: 1, mtu: 1400 }), {
    name: 'NetlinkError',
    code: 'EINVAL',
    errno: -22,
    kernelMessage: 'no',
    attribute: 'mtu',
    attributeSource: 'kernel',
    offset: 32,
  } as never);
  recorder.answer = (sent) => ack(sent, 22, { offset: 4096 });
  const error = await ipr.link('set', { index: 1, mtu: 1400 }).catch((error: NetlinkError) => error);
  t.match(
    error,
    { code: 'EINVAL', attribute: undefined, attributeSource: undefined },
    'an offset beyond the request names nothing',
  );
  recorder.answer = (sent) => ack(sent, 4000);
  await t.rejects(ipr.link('set', { index: 1, mtu: 1400 }), { errno: -4000 } as never, 'an errno without a name');
  await ipr.close();
});

t.test('a batch: warnings, refusals, each with its message', async (t) => {
  const recorder = new Recorder();
  const ipr = recorder.iproute();
  recorder.answer = (sent) =>
    Buffer.concat(
      messages(sent).map((one, i) =>
        i === 1 ? ack(one, 22, { text: 'bad', offset: 28 }) : ack(one, 0, i === 2 ? { text: 'careful' } : {}),
      ),
    );
  const fill = () => [1, 2, 3].reduce((batch, i) => batch.route('add', { dst: `10.${i}.0.0/16`, oif: 1 }), ipr.batch());
  const outcome = await fill().commit({ partial: true, acks: 'each' });
  t.same(outcome.warnings, ['careful']);
  t.match(
    outcome.results.map(({ error }) => (error as NetlinkError | null)?.attribute),
    [undefined, 'dst', undefined],
  );
  const error = await fill()
    .commit({ acks: 'each' })
    .catch((error: BatchError) => error);
  t.ok(error instanceof BatchError);
  t.match((error as BatchError).message, /^1 of 3 messages failed; the first: EINVAL: bad/);
  await ipr.close();
});
