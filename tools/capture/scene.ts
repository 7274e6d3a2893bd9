/** Files under test/golden/ that rows go to. */
export const AREAS = [
  'links',
  'kinds',
  'addrs',
  'routes',
  'encaps',
  'nexthops',
  'mdb',
  'vlans',
  'rules',
  'neighbours',
  'others',
  'nsids',
  'errors',
  'genl',
] as const;
export type Area = (typeof AREAS)[number];

/** One command to capture. `show` is captured after it, `undo` is run uncaptured at the end. */
export interface Step {
  /** Prefix of the row names; the command without its program when absent. */
  name?: string;
  run: string;
  show?: string;
  undo?: string;
}

/**
 * Commands that share one fresh network namespace. A line of text is a step that is captured; a line that starts with
 * `-` is a shell command that only prepares.
 */
export interface Scene {
  name: string;
  area: Area;
  /** Also records the notifications that each step causes. */
  events?: boolean;
  /** A command that prints events, one a line; it listens from before the first step until after the last. */
  monitor?: string;
  /** Only in the virtual machine: the machine's own kernel lacks what it needs, or has bugs that it would meet. */
  guestOnly?: boolean;
  steps: (string | Step)[];
}

/** A step with every part filled in; `captured: false` for `-` lines. */
export interface NormalStep extends Step {
  name: string;
  captured: boolean;
}

/** The scene's steps in their full form; a name that comes again gets a number. */
export function normalSteps(scene: Scene): NormalStep[] {
  const seen = new Map<string, number>();
  return scene.steps.map((given) => {
    if (typeof given === 'string' && given.startsWith('-'))
      return { name: '', run: given.slice(1).trim(), captured: false };
    const step: Step = typeof given === 'string' ? { run: given } : given;
    const name = `${scene.name}: ${step.name ?? short(step.run)}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const full = { ...step, run: tidy(step.run), name: count === 1 ? name : `${name} (${count})`, captured: true };
    return step.show === undefined ? full : { ...full, show: tidy(step.show) };
  });
}

/** One step per option list: a link of this kind is added with it, shown and deleted. */
export function added(dev: string, kind: string, options: string[], top = ''): Step[] {
  return options.map((option) => ({
    name: `add ${option}`.trim(),
    run: `ip link add ${dev} ${top} type ${kind} ${option}`,
    show: `ip link show dev ${dev}`,
    undo: `ip link del ${dev}`,
  }));
}

/** As `added`, without the answer: the request alone. */
export function made(dev: string, kind: string, options: string[], top = ''): Step[] {
  return added(dev, kind, options, top).map(({ show: _, ...step }) => ({ ...step, name: `${kind} ${step.name}` }));
}

/** One step per option list: `ip link set DEV <option>`, then the link is shown. */
export function changed(dev: string, prefix: string, options: string[]): Step[] {
  return options.map((option) => ({
    name: `set ${option}`,
    run: `ip link set ${dev} ${prefix} ${option}`,
    show: `ip link show dev ${dev}`,
  }));
}

/** One step per route: added, listed and deleted again. */
export function routed(family: '' | '-4' | '-6', routes: string[]): Step[] {
  const ip = `ip ${family}`.trim();
  return routes.map((route) => ({
    name: `add ${route}`,
    run: `${ip} route add ${route}`,
    show: `${ip} route show table all`,
    undo: `${ip} route del ${route}`,
  }));
}

/** One step per address: added to DEV, listed and deleted again. */
export function addressed(dev: string, addresses: string[]): Step[] {
  return addresses.map((address) => ({
    name: `add ${address}`,
    run: `ip addr add ${address} dev ${dev}`,
    show: `ip addr show dev ${dev}`,
    undo: `ip addr flush dev ${dev} scope global; ip addr flush dev ${dev}`,
  }));
}

function tidy(command: string): string {
  return command.replace(/\s+/g, ' ').trim();
}

function short(command: string): string {
  return tidy(command).replace(/^ip /, '');
}
