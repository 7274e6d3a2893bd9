/** The fake kernel for the tests of both.ts. */
import { IPRoute } from 'tsroute2';
import { FakeKernel } from 'tsroute2/testing';
import { type Part, Sight } from './both.js';

/** What a part sees on the fake kernel. */
export async function onFake(part: Part): Promise<string[]> {
  const kernel = new FakeKernel();
  const fd = kernel.addNetns('other');
  const ipr = new IPRoute({ transport: kernel.open });
  const other = new IPRoute({ transport: kernel.open, netns: 'other' });
  const see = new Sight();
  try {
    await part.run({ ipr, other: { ipr: other, fd }, settle: async () => kernel.settle() }, see);
  } finally {
    await ipr.close();
    await other.close();
  }
  return see.log;
}
