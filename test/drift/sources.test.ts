/** Reading headers and specs: names from C as compilers write it, types from YAML. */
import t from 'tap';
import { parseC } from '../../tools/drift/parse-c.js';
import { readSpecs } from '../../tools/drift/specs.js';
import { agrees } from '../../tools/drift/wire.js';

const C = `
# 1 "/somewhere/include/linux/x.h" 1 3 4
typedef unsigned short __be16;
enum {
 X_UNSPEC,
 X_ID = (1 << 2),
 X_PORT = sizeof(struct { int a, b; }),
 __X_MAX
};
# 9 "/somewhere/include/linux/y.h" 2
enum y_mode { Y_A, Y_B, };
enum y_mode forward(enum y_mode mode);
struct ymsg {
 __be16 port;
 struct { unsigned char low; unsigned char high; } pair;
 union { unsigned int one; struct { unsigned short two, three; }; };
 unsigned char mac[6] __attribute__((aligned(2)));
 unsigned int bit : 1;
 unsigned long long __attribute__((packed)) big;
 unsigned char rest[];
} __attribute__((packed));
struct ymsg *pointer;
`;

t.test('enums and structs of preprocessed C', async (t) => {
  const { enums, structs } = parseC(C);
  t.same(enums, [
    { name: 'X_UNSPEC', header: 'linux/x.h', enumerators: ['X_UNSPEC', 'X_ID', 'X_PORT', '__X_MAX'] },
    { name: 'y_mode', header: 'linux/y.h', enumerators: ['Y_A', 'Y_B'] },
  ]);
  t.equal(structs.length, 1);
  t.same(
    structs[0]!.members.map(({ name, type, array }) => `${type} ${name}${array ? '[]' : ''}`),
    [
      '__be16 port',
      'struct pair',
      'unsigned int one',
      'unsigned short two',
      'unsigned short three',
      'unsigned char mac[]',
      'unsigned long long big',
    ],
  );
});

const SPEC = `
name: rt-x
definitions: []
attribute-sets:
  -
    name: x-attrs
    name-prefix: x-
    attributes:
      - name: id
        type: u32
        value: 3
      - name: port
        type: u16
        byte-order: big-endian
      - name: local
        type: u32
        byte-order: big-endian
        display-hint: ipv4
      - name: hw-addr
        type: binary
        display-hint: mac
      - name: remote6
        type: binary
        display-hint: ipv6
        checks:
          exact-len: 16
      - name: dst
        type: binary
        display-hint: ipv4
      - name: cache-info
        type: binary
        struct: x-cache-info
      - name: list
        type: indexed-array
        sub-type: nest
      - name: pad
        type: pad
  -
    name: x6-attrs
    subset-of: x-attrs
    attributes:
      - name: id
      - name: local
        type: binary
        display-hint: ipv6
        checks:
          exact-len: 16
`;

t.test('types of specs', async (t) => {
  const facts = readSpecs([SPEC]);
  const wires = Object.fromEntries([...facts].map(([name, list]) => [name, list.map((f) => f.wire)]));
  t.same(wires, {
    X_ID: ['u32', 'u32'],
    X_PORT: ['be16'],
    X_LOCAL: ['ip4', 'ip6'],
    X_HW_ADDR: ['mac'],
    X_REMOTE6: ['ip6'],
    X_DST: ['ip'],
    X_CACHE_INFO: ['struct x_cache_info'],
    X_LIST: ['nests'],
    X_PAD: ['pad'],
  });
});

t.test('what agrees, and what does not', async (t) => {
  const yes = [
    'u32 u32',
    'be16 be16',
    'ip4 ip',
    'ip ip6',
    'mac lladdr',
    'struct x|struct',
    'struct x|bytes',
    'nest payload',
    'binary string',
    'pad bytes',
    'u16 custom',
  ];
  const no = [
    'u32 s32',
    'u32 be32',
    'u32 u16',
    'be16 u16',
    'flag u8',
    'string u8',
    'string bytes',
    'nest u32',
    'struct x|u32',
    'binary 4|mac',
    'ip4 ip6',
    'u32 pad',
  ];
  const pair = (text: string): [string, string] => text.split(text.includes('|') ? '|' : ' ') as [string, string];
  for (const text of yes) t.ok(agrees(...pair(text)), text);
  for (const text of no) t.notOk(agrees(...pair(text)), text);
});
