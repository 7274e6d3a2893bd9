/** All scenes. */
import type { Scene } from '../scene.js';
import { links } from './links.js';

export const scenes: readonly Scene[] = [links];
