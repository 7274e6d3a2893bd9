/** A process of Node.js that does nothing, to compare with. */
import { report, start } from './measure.mjs';

start();
report(1);
