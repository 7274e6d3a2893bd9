import type { Scene } from '../scene.js';

/** Numbers by which a namespace knows others. */
export const nsidScenes: Scene[] = [
  {
    name: 'nsid',
    area: 'nsids',
    events: true,
    steps: [
      '-ip netns add blue; ip netns add red; ip netns add green',
      { run: 'ip netns set blue 7', show: 'ip netns list-id' },
      'ip netns set red 2147483647',
      { run: 'ip netns set green auto', show: 'ip netns list-id' },
      // What a namespace knows of another, asked from here: both numbers come.
      '-ip -n blue netns set red 3',
      'ip netns list-id target-nsid 7',
      'ip netns del blue',
    ],
  },
];
