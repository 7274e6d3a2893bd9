/** Runs the runner inside a worker thread. Arguments: test files. */
import { Worker } from 'node:worker_threads';

const worker = new Worker(new URL('./runner.mjs', import.meta.url), { argv: process.argv.slice(2) });
worker.on('error', (error) => {
  console.error(error);
  process.exitCode = 1;
});
worker.on('exit', (code) => {
  if (code !== 0) process.exitCode = code;
});
