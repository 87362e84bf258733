/**
 * The words of the scenario language: one table for the parser's messages, for completion and hover, and for
 * the option tables of the language reference.
 */

/** Where a word may stand. */
export type SyntaxContext =
  | 'file' // outside of everything
  | 'scenario' // directly inside a scenario
  | 'host' // inside host NAME { .. }
  | 'machine' // inside machine .. { .. }
  | 'nic' // inside nic .. { .. }
  | 'device' // inside device .. with { .. }
  | 'driver' // inside driver .. with { .. }
  | 'process' // inside process .. with { .. }
  | 'expect' // behind expect
  | 'vary' // behind vary
  | 'fault' // behind fault and vary fault
  | 'event'; // behind event

/** How an option's value is written. */
export type ArgumentKind =
  | 'flag' // nothing, on or off
  | 'count'
  | 'size' // bytes with K, M, G, T
  | 'ranges' // 0 .. 640K, 1M .. 3G
  | 'freeMemory'
  | 'word' // one of `values`
  | 'text' // "10.0.0.1"
  | 'windows'
  | 'verifier'
  | 'definition' // NAME VALUE
  | 'bar' // INDEX SIZE
  | 'interrupt' // nothing, or a number of messages
  | 'folder';

export interface SyntaxValue {
  readonly word: string;
  readonly documentation: string;
}

export interface SyntaxEntry {
  readonly word: string;
  readonly contexts: readonly SyntaxContext[];
  /** The whole declaration with placeholders in capitals. */
  readonly usage: string;
  /** One sentence. */
  readonly documentation: string;
  /** For options. */
  readonly argument?: ArgumentKind;
  /** The words that may stand for the value. */
  readonly values?: readonly SyntaxValue[];
  /** The value when the option is absent, as the reference shows it. */
  readonly default?: string;
}

const onOff: readonly SyntaxValue[] = [
  { word: 'on', documentation: 'Switches the option on; the word alone does the same.' },
  { word: 'off', documentation: 'Switches the option off, against an inherited value.' },
];

/** INTERFACE_TYPE members that a network card can have. */
const interfaceTypes: readonly SyntaxValue[] = [
  { word: 'PCIBus', documentation: 'PCI and PCI Express.' },
  { word: 'Internal', documentation: 'The bus of the system board.' },
  { word: 'Isa', documentation: 'ISA, which reaches 24 address bits.' },
  { word: 'Eisa', documentation: 'EISA.' },
  { word: 'MicroChannel', documentation: 'Micro Channel.' },
  { word: 'PCMCIABus', documentation: 'PC Card.' },
  { word: 'PNPISABus', documentation: 'ISA with Plug and Play.' },
];

export const windowsVersions = [
  { word: 'Windows2000', name: 'Windows 2000' },
  { word: 'WindowsXP', name: 'Windows XP' },
  { word: 'Server2003', name: 'Server 2003' },
  { word: 'Vista', name: 'Vista' },
  { word: 'Windows7', name: 'Windows 7' },
  { word: 'Windows8', name: 'Windows 8' },
  { word: 'Windows81', name: 'Windows 8.1' },
  { word: 'Windows10', name: 'Windows 10' },
  { word: 'Windows11', name: 'Windows 11' },
] as const;

export interface VerifierOption extends SyntaxValue {
  /** The bit of the option in Windows' verifier flags; 0 for one that has none there. */
  readonly bit: number;
  /** Part of `verifier on`. */
  readonly standard: boolean;
}

const verifierOption = (
  word: string,
  bit: number,
  standard: boolean,
  documentation: string,
): VerifierOption => ({ word, bit, standard, documentation });

export const verifierOptions: readonly VerifierOption[] = [
  verifierOption('special_pool', 0x1, true, 'Each pool block at the end of a page of its own.'),
  verifierOption('force_irql', 0x2, true, 'Pageable memory leaves whenever the IRQL is raised.'),
  verifierOption('low_resources', 0x4, false, 'Of 100 allocations 6 fail by chance.'),
  verifierOption('pool_tracking', 0x8, true, 'Pool and locked pages left behind are found.'),
  verifierOption('io', 0x10, true, 'IRPs are checked on their way.'),
  verifierOption('deadlock', 0x20, true, 'The order in which locks are taken is checked.'),
  verifierOption('enhanced_io', 0x40, false, 'Further checks of IRPs and of the I/O manager.'),
  verifierOption('dma', 0x80, true, 'Use of the DMA routines is checked.'),
  verifierOption('security', 0x100, true, 'User addresses given to kernel routines are found.'),
  verifierOption('force_pending', 0x200, false, 'Calls to lower drivers answer STATUS_PENDING.'),
  verifierOption('irp_logging', 0x400, false, 'IRPs are logged.'),
  verifierOption('miscellaneous', 0x800, true, 'Memory freed with live objects in it is found.'),
  verifierOption(
    'invariant_mdl_stack',
    0x2000,
    false,
    'Buffers of MDLs must not change in a call.',
  ),
  verifierOption('invariant_mdl_driver', 0x4000, false, 'The same for each driver by itself.'),
  verifierOption('ddi_compliance', 0x20000, true, 'Rules for the use of kernel routines.'),
  verifierOption(
    'systematic_low_resources',
    0x40000,
    false,
    'One place that allocates fails: the first, or the one that the seed says.',
  ),
  verifierOption(
    'ddi_compliance_additional',
    0x80000,
    false,
    'Further rules for the use of kernel routines.',
  ),
  verifierOption('code_integrity', 0x2000000, false, 'Writable and executable memory is found.'),
  verifierOption(
    'low_memory_requests',
    0,
    false,
    'An explicit request for physical memory below 4 GB is a bug check (0xC4 with 0x141).',
  ),
];

/** What can be made to fail: calls of one class, or the calls of one routine. */
export const faultPoints: readonly SyntaxValue[] = [
  {
    word: 'allocation',
    documentation: 'Calls that allocate memory, an MDL, an IRP, a DMA adapter or a device object.',
  },
  { word: 'mapping', documentation: 'Calls that map pages into the address space.' },
  { word: 'lock', documentation: 'Calls that lock pages in memory.' },
  ...[
    'AllocateAdapterChannel',
    'AllocateAdapterChannelEx',
    'AllocateCommonBuffer',
    'AllocateCommonBufferEx',
    'BuildScatterGatherList',
    'ExAllocatePool',
    'ExAllocatePool2',
    'ExAllocatePool3',
    'ExAllocatePoolUninitialized',
    'ExAllocatePoolWithQuotaTag',
    'ExAllocatePoolWithTag',
    'ExAllocatePoolZero',
    'GetScatterGatherList',
    'GetScatterGatherListEx',
    'IoAllocateIrp',
    'IoAllocateMdl',
    'IoAllocateWorkItem',
    'IoBuildDeviceIoControlRequest',
    'IoCreateDevice',
    'IoCreateSymbolicLink',
    'IoGetDmaAdapter',
    'MmAllocateContiguousMemory',
    'MmAllocateContiguousMemoryEx',
    'MmAllocateContiguousMemorySpecifyCache',
    'MmAllocateContiguousMemorySpecifyCacheNode',
    'MmAllocateContiguousNodeMemory',
    'MmAllocateMappingAddress',
    'MmAllocateNonCachedMemory',
    'MmAllocatePagesForMdl',
    'MmAllocatePagesForMdlEx',
    'MmGetSystemAddressForMdlSafe',
    'MmMapIoSpace',
    'MmMapIoSpaceEx',
    'MmMapLockedPages',
    'MmMapLockedPagesSpecifyCache',
    'MmProbeAndLockPages',
    'PsCreateSystemThread',
  ].map((word) => ({ word, documentation: `Calls of ${word}.` })),
];

export const faultValues: readonly SyntaxValue[] = [
  { word: 'none', documentation: 'No call fails.' },
  {
    word: 'each',
    documentation: 'One variant for each call that the run without faults makes; that call fails.',
  },
  { word: 'every', documentation: 'All calls fail.' },
];

export const scenarioSyntax: readonly SyntaxEntry[] = [
  // ---- Declarations
  {
    word: 'scenario',
    contexts: ['file'],
    usage: 'scenario "NAME" { .. }',
    documentation: 'What is loaded and started on which machine, and what must hold.',
  },
  {
    word: 'machine',
    contexts: ['file', 'scenario', 'host'],
    usage: 'machine NAME : BASE { .. }',
    documentation:
      'Memory, processors and Windows of a host: a declaration at file level, a choice in a scenario.',
  },
  {
    word: 'nic',
    contexts: ['file', 'scenario', 'host'],
    usage: 'nic NAME { .. }',
    documentation:
      'What a network card can reach and do: a declaration at file level, a choice in a scenario.',
  },
  {
    word: 'device',
    contexts: ['file', 'scenario', 'host'],
    usage: 'device NAME with { .. } { .. }',
    documentation:
      'Hardware of your own: its registers in C, from files or a block; in a scenario also a choice, like nic.',
  },
  {
    word: 'host',
    contexts: ['scenario'],
    usage: 'host NAME { .. }',
    documentation: 'One of several computers on the network, with its machine, NICs and drivers.',
  },
  {
    word: 'driver',
    contexts: ['scenario', 'host'],
    usage: 'driver "FILE.c", .. with { .. } for NIC;',
    documentation: 'A driver from C files, or from a block of C: driver NAME { .. }.',
  },
  {
    word: 'process',
    contexts: ['scenario', 'host'],
    usage: 'process NAME on HOST "FILE.c";',
    documentation: 'A program from C files, or from a block of C: process NAME { .. }.',
  },
  {
    word: 'event',
    contexts: ['scenario', 'host'],
    usage: 'event KIND NIC after N ms;',
    documentation: 'What Plug and Play does to a device while the processes run.',
  },
  {
    word: 'surprise_removal',
    contexts: ['event'],
    usage: 'event surprise_removal NIC after N ms;',
    documentation:
      'The device is gone: its driver hears of it, and is removed when the last handle is closed.',
  },
  {
    word: 'removal',
    contexts: ['event'],
    usage: 'event removal NIC after N ms;',
    documentation: 'The device is asked for and removed, unless its driver refuses.',
  },
  {
    word: 'rebalance',
    contexts: ['event'],
    usage: 'event rebalance NIC after N ms;',
    documentation: 'The device is stopped and started again, unless its driver refuses.',
  },
  {
    word: 'expect',
    contexts: ['scenario'],
    usage: 'expect WHAT;',
    documentation: 'What must hold at the end; a failure that an expectation names is allowed.',
  },
  {
    word: 'vary',
    contexts: ['scenario'],
    usage: 'vary WHAT = VALUE, ..;',
    documentation: 'Runs the scenario once for each value, and for each combination of several.',
  },
  {
    word: 'fault',
    contexts: ['scenario'],
    usage: 'fault POINT = N;',
    documentation: 'Makes the N-th call of a routine fail.',
  },
  // ---- Options of a machine
  {
    word: 'memory',
    contexts: ['machine'],
    usage: 'memory START .. END, ..;',
    argument: 'ranges',
    documentation: 'The ranges of physical memory, half-open, on page boundaries.',
  },
  {
    word: 'nolowmem',
    contexts: ['machine'],
    usage: 'nolowmem;',
    argument: 'flag',
    values: onOff,
    default: 'off',
    documentation: 'Hands out no memory below 4 GB but to those who ask for it.',
  },
  {
    word: 'free_memory',
    contexts: ['machine'],
    usage: 'free_memory START .. END, ..; free_memory fragmented P% in N runs seed S;',
    argument: 'freeMemory',
    values: [
      { word: 'all', documentation: 'All memory but what the boot takes.' },
      { word: 'fragmented', documentation: 'Takes P per cent away, in N runs.' },
    ],
    default: 'all',
    documentation: 'What is free when the driver loads: exact ranges, or all but a share in runs.',
  },
  {
    word: 'map_registers',
    contexts: ['machine'],
    usage: 'map_registers N;',
    argument: 'count',
    documentation: 'Pages of low memory that all DMA adapters share for bouncing.',
  },
  {
    word: 'iommu',
    contexts: ['machine'],
    usage: 'iommu;',
    argument: 'flag',
    values: onOff,
    default: 'off',
    documentation: 'Devices see memory through a translation instead of physical addresses.',
  },
  {
    word: 'merge_pages',
    contexts: ['machine'],
    usage: 'merge_pages off;',
    argument: 'flag',
    values: onOff,
    default: 'on',
    documentation:
      'Adjacent pages are one element of a scatter/gather list; off: each page is one.',
  },
  {
    word: 'trim',
    contexts: ['machine'],
    usage: 'trim;',
    argument: 'flag',
    values: onOff,
    default: 'off',
    documentation:
      'Pages out pageable memory as soon as its last lock is gone; the frames go to another process.',
  },
  {
    word: 'nodes',
    contexts: ['machine'],
    usage: 'nodes N;',
    argument: 'count',
    documentation: 'NUMA nodes, 1 to 64, over which memory and processors are spread evenly.',
  },
  {
    word: 'processors',
    contexts: ['machine'],
    usage: 'processors N;',
    argument: 'count',
    documentation: 'Logical processors, 1 to 64.',
  },
  {
    word: 'windows',
    contexts: ['machine'],
    usage: 'windows "VERSION";',
    argument: 'windows',
    values: windowsVersions.map(({ word, name }) => ({
      word,
      documentation: `The run-time rules of ${name}.`,
    })),
    documentation: 'Which version of Windows decides where versions differ.',
  },
  {
    word: 'verifier',
    contexts: ['machine', 'driver'],
    usage: 'verifier on; verifier OPTION, ..; verifier FLAGS;',
    argument: 'verifier',
    values: [...onOff, ...verifierOptions],
    default: 'off',
    documentation: 'Driver Verifier for a driver, or for all drivers of a machine.',
  },
  // ---- Options of a NIC
  {
    word: 'interface',
    contexts: ['nic', 'device'],
    usage: 'interface PCIBus;',
    argument: 'word',
    values: interfaceTypes,
    default: 'PCIBus',
    documentation: 'The bus, by its name in INTERFACE_TYPE.',
  },
  {
    word: 'address_bits',
    contexts: ['nic', 'device'],
    usage: 'address_bits N;',
    argument: 'count',
    default: '64',
    documentation: 'How far the card reaches: it can address 2^N bytes, N from 1 to 64.',
  },
  {
    word: 'scatter_gather',
    contexts: ['nic', 'device'],
    usage: 'scatter_gather;',
    argument: 'flag',
    values: onOff,
    default: 'off',
    documentation: 'The card takes a list of pieces; without it, one piece for each transfer.',
  },
  {
    word: 'maximum_length',
    contexts: ['nic', 'device'],
    usage: 'maximum_length SIZE;',
    argument: 'size',
    default: '64K',
    documentation: 'The longest transfer of the card, in bytes.',
  },
  {
    word: 'address',
    contexts: ['nic'],
    usage: 'address "10.0.0.1";',
    argument: 'text',
    default: '"10.0.0.N", N counting the NICs of the scenario',
    documentation: 'The IP address on the network of the scenario.',
  },
  // ---- Options of a device
  {
    word: 'bar',
    contexts: ['device'],
    usage: 'bar INDEX SIZE;',
    argument: 'bar',
    documentation:
      'A range of registers, by the number of its base address register, 0 to 5; whole pages.',
  },
  {
    word: 'interrupt',
    contexts: ['device'],
    usage: 'interrupt; interrupt N;',
    argument: 'interrupt',
    default: 'none',
    documentation: 'An interrupt line, or N message-signalled interrupts.',
  },
  // ---- Options of drivers and processes
  {
    word: 'define',
    contexts: ['driver', 'process', 'device'],
    usage: 'define NAME VALUE;',
    argument: 'definition',
    documentation: 'A macro for all C files of the driver or process; without VALUE it is 1.',
  },
  {
    word: 'include',
    contexts: ['driver', 'process', 'device'],
    usage: 'include "FOLDER";',
    argument: 'folder',
    documentation: 'A folder in which #include looks for headers.',
  },
  // ---- Expectations
  {
    word: 'no',
    contexts: ['expect'],
    usage: 'expect no leaks; expect no bugcheck; expect no violation; expect no output "TEXT";',
    documentation: 'What must not happen.',
  },
  {
    word: 'output',
    contexts: ['expect'],
    usage: 'expect output "TEXT";',
    documentation: 'A line of debug or process output that contains the text.',
  },
  {
    word: 'leak',
    contexts: ['expect'],
    usage: 'expect leak of N bytes;',
    documentation: 'Something of that size is still allocated after unload; any size without "of".',
  },
  {
    word: 'bugcheck',
    contexts: ['expect'],
    usage: 'expect bugcheck 0xE6 (0x0F, ..);',
    documentation: 'A bug check, by code or name, with parameters where they matter.',
  },
  {
    word: 'violation',
    contexts: ['expect'],
    usage: 'expect violation RULE;',
    documentation: 'A violation of a rule that only the emulator can see.',
  },
  {
    word: 'assertion',
    contexts: ['expect'],
    usage: 'expect assertion;',
    documentation: 'An NT_ASSERT or ASSERT that fails.',
  },
  {
    word: 'process',
    contexts: ['expect'],
    usage: 'expect process NAME exits CODE;',
    documentation: 'How a process ends; a name that is no word stands in quotes.',
  },
  {
    word: 'driver',
    contexts: ['expect'],
    usage: 'expect driver NAME fails STATUS;',
    documentation:
      'A load, AddDevice or start that fails, with this status if one is given; NAME may be in quotes.',
  },
  // ---- Variation
  {
    word: 'nic',
    contexts: ['vary'],
    usage: 'vary nic.OPTION = VALUE, ..;',
    documentation: 'An option of all NICs of the scenario; a NIC\'s name instead of "nic" for one.',
  },
  {
    word: 'machine',
    contexts: ['vary'],
    usage: 'vary machine.OPTION = VALUE, ..; vary machine = NAME, ..;',
    documentation: 'An option of the machine of every host, or the machine itself.',
  },
  {
    word: 'define',
    contexts: ['vary'],
    usage: 'vary define NAME = VALUE, ..;',
    documentation: 'A macro of all drivers and processes that the scenario declares.',
  },
  {
    word: 'seed',
    contexts: ['vary'],
    usage: 'vary seed = FIRST to LAST;',
    documentation: 'The seed of the schedule and of everything random, first and last included.',
  },
  {
    word: 'fault',
    contexts: ['vary'],
    usage: 'vary fault POINT = none, each;',
    documentation: 'Which call of a routine fails.',
  },
  ...faultPoints.map(
    ({ word, documentation }): SyntaxEntry => ({
      word,
      contexts: ['fault'],
      usage: `fault ${word} = N;`,
      documentation,
    }),
  ),
];

const byContext = new Map<SyntaxContext, ReadonlyMap<string, SyntaxEntry>>(
  (
    [
      'file',
      'scenario',
      'host',
      'machine',
      'nic',
      'device',
      'driver',
      'process',
      'expect',
      'vary',
      'fault',
      'event',
    ] as const
  ).map((context) => [
    context,
    new Map(
      scenarioSyntax
        .filter((entry) => entry.contexts.includes(context))
        .map((entry) => [entry.word, entry]),
    ),
  ]),
);

/** The words that may begin something in a context, by word. */
export function wordsIn(context: SyntaxContext): ReadonlyMap<string, SyntaxEntry> {
  return byContext.get(context) ?? new Map();
}
