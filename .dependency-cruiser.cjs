/**
 * Direction of imports: codec <- tables <- netlink (with transport) <- {iproute, families, netns} <- ipdb <- {interfaces, networks} <- cli.
 * `testing` stands on codec, tables and the Transport interface. Never upwards.
 */
const TABLES = ['rtnl', 'genl', 'nfnl', 'diag', 'protocols'];

/** What each room may import besides itself. */
const ROOMS = {
  codec: [],
  ...Object.fromEntries(TABLES.map((room) => [room, ['codec']])),
  transport: [],
  netlink: ['codec', ...TABLES, 'transport'],
  proxies: ['codec', ...TABLES, 'transport', 'netlink'],
  iproute: ['codec', ...TABLES, 'transport', 'netlink', 'proxies'],
  families: ['codec', ...TABLES, 'transport', 'netlink', 'iproute'],
  netns: ['codec', ...TABLES, 'transport', 'netlink', 'iproute'],
  ipdb: ['codec', ...TABLES, 'transport', 'netlink', 'iproute', 'netns'],
  interfaces: ['codec', ...TABLES, 'transport', 'netlink', 'iproute', 'netns', 'ipdb'],
  networks: ['codec', ...TABLES, 'transport', 'netlink', 'iproute', 'netns', 'ipdb', 'interfaces'],
  cli: ['codec', ...TABLES, 'transport', 'netlink', 'iproute', 'netns', 'ipdb', 'interfaces', 'networks'],
  testing: ['codec', ...TABLES, 'transport'],
};

const rooms = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `${room}-imports`,
  comment: `src/${room} may import ${allowed.length > 0 ? allowed.join(', ') : 'nothing else of the project'}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...rooms,
    {
      name: 'no-cycles',
      comment: 'Types may refer to each other in a circle: nothing of that is left at run time',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'codec-and-tables-run-anywhere',
      comment: 'codec and tables run in a browser too: nothing of Node.js, of packages only ipaddr.js',
      severity: 'error',
      from: { path: `^src/(codec|${TABLES.join('|')})/` },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'unknown'], pathNot: 'ipaddr\\.js' },
    },
    {
      name: 'root-is-not-imported',
      comment: 'src/index.ts only re-exports',
      severity: 'error',
      from: { path: '^src/.+/' },
      to: { path: '^src/index\\.ts$' },
    },
    {
      name: 'only-dependencies',
      severity: 'error',
      from: { path: '^src/' },
      // What is bundled into dist is a development dependency: ipaddr.js.
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'],
        pathNot: 'node_modules/ipaddr\\.js/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
