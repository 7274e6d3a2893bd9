/** `tsroute2/testing`: a kernel in memory, for tests of programs that use tsroute2. */
export type { Chaos, Fault, FaultKind } from './faults.js';
export { FakeKernel, type FakeKernelOptions } from './kernel.js';
