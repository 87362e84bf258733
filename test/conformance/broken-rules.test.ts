// Breaks one rule of each family in the engine and expects the scenario that is to keep it to fail; that it passes
// otherwise is the matter of bug-checks.test.ts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as esbuild from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { bundles, esbuildOptions } from '../../scripts/bundles.mts';
import { runCommand } from '../command-line/support/command.ts';

const repository = resolve(import.meta.dirname, '../..');

interface BrokenRule {
  readonly family: string;
  readonly rule: string;
  /** In the engine's folder. */
  readonly file: string;
  /** Text that stands there exactly once, and what breaks the rule. */
  readonly text: string;
  readonly broken: string;
  /** In this folder: a file of scenarios and the beginning of the name of one. */
  readonly scenario: readonly [file: string, name: string];
}

const rules: readonly BrokenRule[] = [
  {
    family: 'pool',
    rule: 'a block is freed once',
    file: 'kernel/ex/pool.ts',
    text: "if (!block.live) return { kind: 'freed', block };",
    broken: '',
    scenario: ['bug-checks/c2-bad-pool-caller.dms', '07: freed twice'],
  },
  {
    family: 'pool under Driver Verifier',
    rule: 'paged pool is for APC_LEVEL at most',
    file: 'kernel/ex/pool-routines.ts',
    text: 'const highest = paged ? APC_LEVEL : DISPATCH_LEVEL;',
    broken: 'const highest = DISPATCH_LEVEL;',
    scenario: ['bug-checks/c4-pool.dms', '01: paged pool at DISPATCH_LEVEL'],
  },
  {
    family: 'special pool',
    rule: 'a block ends where its page does',
    file: 'kernel/ex/pool.ts',
    text: "special === 'end' ? PAGE_SIZE - roundUp(request.bytes) : 0",
    broken: '0',
    scenario: ['bug-checks/special-pool.dms', 'D6: a driver writes behind the end of a block'],
  },
  {
    family: 'pool tracking',
    rule: 'an unload with live allocations is found',
    file: 'kernel/io/driver-loader.ts',
    text: 'if (!isTracked || tracked.length === 0) {',
    broken: 'if (isTracked) return; {',
    scenario: ['bug-checks/c4-pool.dms', '62: unloaded with live allocations'],
  },
  {
    family: 'MDL',
    rule: 'an MDL holds one lock',
    file: 'kernel/mm/page-locking.ts',
    text: 'if (wrong === 0) return;',
    broken: 'return;',
    scenario: ['bug-checks/c4-mdl.dms', 'B0: MmProbeAndLockPages on an MDL that is locked'],
  },
  {
    family: 'mapping',
    rule: 'an MDL has one mapping in system space',
    file: 'kernel/mm/mdl-mapping.ts',
    text: 'if (verified) throw verifierBugCheck([0xb2, address, flags, wrong], text);',
    broken: '',
    scenario: ['bug-checks/c4-mdl.dms', 'B2: mapped twice'],
  },
  {
    family: 'reserved mapping',
    rule: 'only who knows the tag may use it',
    file: 'kernel/mm/reserved-mappings.ts',
    text: 'if (owner === tag) return;',
    broken: 'return;',
    scenario: ['bug-checks/memory-manager.dms', 'DA/104: mapped into'],
  },
  {
    family: 'contiguous memory',
    rule: 'a block is freed at its start',
    file: 'kernel/mm/contiguous-memory.ts',
    text: '[0x60, address, 0, 0],\n',
    broken: '[0x61, address, 0, 0],\n',
    scenario: ['bug-checks/c2-bad-pool-caller.dms', '60: a pointer into contiguous memory'],
  },
  {
    family: 'I/O space',
    rule: 'memory in it is locked',
    file: 'kernel/mm/physical-addresses.ts',
    text: 'if (loose === undefined) return;',
    broken: 'return;',
    scenario: ['bug-checks/c4-mdl.dms', '83: MmMapIoSpace of memory that nobody locked'],
  },
  {
    family: 'locks of a process',
    rule: 'none is left at its end',
    file: 'kernel/host-life.ts',
    text: 'if (locked > 0) {',
    broken: 'if (locked < 0) {',
    scenario: [
      'bug-checks/76-process-has-locked-pages.dms',
      '00: a process ends with locked pages',
    ],
  },
  {
    family: 'DMA adapters',
    rule: 'none is used after it was put',
    file: 'kernel/hal/adapters.ts',
    text: 'if (adapter?.live === true) return adapter;',
    broken: 'if (adapter !== undefined) return adapter;',
    scenario: ['bug-checks/e6-dma-violation.dms', '18: an adapter used after it was put'],
  },
  {
    family: 'common buffers',
    rule: 'what lies around them is left alone',
    file: 'kernel/hal/common-buffers.ts',
    text: 'if (index < 0) continue;',
    broken: 'continue;',
    scenario: [
      'bug-checks/e6-dma-violation.dms',
      '0F: the padding before a common buffer overwritten',
    ],
  },
  {
    family: 'DMA transfers',
    rule: 'what is flushed is mapped',
    file: 'kernel/verifier/dma-transfers.ts',
    text: 'if (registers?.everMapped !== true) {',
    broken: 'if (registers === undefined) {',
    scenario: ['bug-checks/e6-transfers.dms', '20: flushed without a MapTransfer'],
  },
  {
    family: 'IRQL',
    rule: 'a routine is called at its highest IRQL at most',
    file: 'kernel/verifier/irql-rules.ts',
    text: 'if (current <= highest) return;',
    broken: 'return;',
    scenario: ['bug-checks/c4-mdl.dms', '70: MmProbeAndLockPages above DISPATCH_LEVEL'],
  },
  {
    family: 'spin locks',
    rule: 'one is released at DISPATCH_LEVEL',
    file: 'kernel/ke/irql.ts',
    text: 'if (host.irql !== DISPATCH_LEVEL) {',
    broken: 'if (host.irql > DISPATCH_LEVEL) {',
    scenario: ['bug-checks/c4-irql.dms', '32: a spin lock released below DISPATCH_LEVEL'],
  },
  {
    family: 'I/O',
    rule: 'a request has a final status when it is completed',
    file: 'kernel/io/irps.ts',
    text: 'if (result === status.STATUS_PENDING || result === 0xffff_ffff) {',
    broken: 'if (result === 0xffff_ffff) {',
    scenario: ['bug-checks/io.dms', '06: completed with STATUS_PENDING'],
  },
  {
    family: 'faults',
    rule: 'system addresses that are not there are beyond any handler',
    file: 'kernel/faults.ts',
    text: 'if (isUser) return accessViolation(fault, place.pc, address);',
    broken: 'return accessViolation(fault, place.pc, address);',
    scenario: ['bug-checks/faults.dms', '50: no handler takes it'],
  },
  {
    family: 'look-aside lists',
    rule: 'one is initialized once',
    file: 'kernel/ex/lookaside.ts',
    text: 'kernel.store.set(this.live, list, { address: list, bytes: layouts.size(TYPE) });',
    broken: '',
    scenario: ['bug-checks/lookaside.dms', 'C4/CA: initialized twice'],
  },
  {
    family: 'deadlock detection',
    rule: 'locks are taken in one order',
    file: 'kernel/verifier/deadlock-rules.ts',
    text: 'if (next === to) return site;',
    broken: '',
    scenario: ['bug-checks/c4-deadlock.dms', '1001: two spin locks in both orders'],
  },
  {
    family: 'DDI compliance',
    rule: 'routines of a rule are called at its IRQL at most',
    file: 'kernel/verifier/routine-rules.ts',
    text: 'if (irql <= rule.highest ||',
    broken: 'if (irql >= 0 ||',
    scenario: ['bug-checks/c4-irql.dms', '20011: KeResetEvent'],
  },
  {
    family: 'low resources',
    rule: 'the seed decides which place fails',
    file: 'kernel/verifier/low-resources.ts',
    text: 'return number === this.seed;',
    broken: 'return number === 1;',
    scenario: ['low-resources.dms', 'one place after the other'],
  },
  {
    family: 'unhandled exceptions',
    rule: 'in a system thread they stop the system',
    file: 'kernel/faults.ts',
    text: '[exception.code, exception.address, where.exceptionRecord, where.contextRecord]',
    broken: '[exception.address, exception.code, where.exceptionRecord, where.contextRecord]',
    scenario: ['bug-checks/faults.dms', '7E: a raised status'],
  },
  {
    family: 'requests passed on',
    rule: 'they have a stack location for each driver below',
    file: 'kernel/verifier/io-rules.ts',
    text: 'if (current - 1 < needed) {',
    broken: 'if (current < 0) {',
    scenario: ['bug-checks/verified-io.dms', '208: too few'],
  },
  {
    family: 'completion routines',
    rule: 'they return at the IRQL that they are called at',
    file: 'kernel/verifier/io-rules.ts',
    text: 'if (irql === before && now === regions) return undefined;',
    broken: 'return undefined;',
    scenario: ['bug-checks/verified-io.dms', 'C4/FA: a completion routine'],
  },
  {
    family: 'requests freed',
    rule: 'nobody has them any more',
    file: 'kernel/verifier/io-rules.ts',
    text: '    if (record.device !== undefined) {\n      const stack',
    broken: '    if (record.device === -1) {\n      const stack',
    scenario: ['bug-checks/verified-io.dms', '20C: freed while it is queued'],
  },
  {
    family: 'cancelled requests',
    rule: 'they are completed',
    file: 'kernel/verifier/io-rules.ts',
    text: "if (layouts.read(system, irp.address, IRP, 'Cancel') === 0) continue;",
    broken: 'continue;',
    scenario: ['bug-checks/verified-io.dms', 'C4/135: a cancelled request'],
  },
  {
    family: 'devices',
    rule: 'one has buffered or direct I/O',
    file: 'kernel/verifier/io-rules.ts',
    text: 'if ((flags & methods) === methods) {',
    broken: 'if ((flags & methods) < 0) {',
    scenario: ['bug-checks/verified-devices.dms', 'C9/245: both'],
  },
  {
    family: 'security checks',
    rule: 'a request of kernel mode has no user address',
    file: 'kernel/verifier/io-rules.ts',
    text: 'const wrong = candidates.find(isUserAddress);',
    broken: 'const wrong = candidates.find((address) => address < 0);',
    scenario: ['bug-checks/verified-io.dms', 'C4/E2: a request of kernel mode'],
  },
  {
    family: 'system services',
    rule: 'their names are well-formed',
    file: 'kernel/verifier/service-rules.ts',
    text: 'if (length % 2 !== 0) return',
    broken: 'if (length % 2 > 1) return',
    scenario: ['bug-checks/verified-io.dms', 'C4/E4: a system service'],
  },
  {
    family: 'force pending',
    rule: 'some calls answer STATUS_PENDING',
    file: 'kernel/verifier/forced-pending.ts',
    text: 'kernel.store.set(this.forced, call.number(1), true);\n    return true;',
    broken: 'return false;',
    scenario: ['bug-checks/verified-io.dms', 'force pending: a driver that waits'],
  },
  {
    family: 'IRP logging',
    rule: 'the last requests are kept',
    file: 'kernel/verifier/irp-log.ts',
    text: '.slice(-KEPT)',
    broken: '.slice(0, KEPT)',
    scenario: ['bug-checks/verified-io.dms', 'IRP logging prints'],
  },
  {
    family: 'invariant MDLs',
    rule: 'the contents stay',
    file: 'kernel/verifier/invariant-buffers.ts',
    text: 'if (this.sum(mdl) === known.sum) return;',
    broken: 'return;',
    scenario: ['bug-checks/verified-io.dms', 'C4/1011: a read whose buffer'],
  },
  {
    family: 'kinds of locks',
    rule: 'one is released as it was taken',
    file: 'kernel/verifier/deadlock-rules.ts',
    text: 'if (hold.api !== api) {',
    broken: 'if (hold.lock === -1) {',
    scenario: ['bug-checks/c4-deadlock.dms', '1009: a fast mutex released'],
  },
  {
    family: 'order of release',
    rule: 'it is the reverse of taking',
    file: 'kernel/verifier/deadlock-rules.ts',
    text: 'if (isSpin(api) && last !== undefined && last.lock !== hold.lock) {',
    broken: 'if (isSpin(api) && last === undefined) {',
    scenario: ['bug-checks/c4-deadlock.dms', '1003: released before'],
  },
  {
    family: 'threads with locks',
    rule: 'none ends with one',
    file: 'kernel/verifier/deadlock-rules.ts',
    text: 'if (left === undefined) return undefined;\n    this.store.delete(this.held, thread);',
    broken: 'if (left !== null) return undefined;',
    scenario: ['bug-checks/c4-deadlock.dms', '100A: a thread ends'],
  },
  {
    family: 'additional DDI compliance',
    rule: 'regions are entered before they are left',
    file: 'kernel/verifier/routine-rules.ts',
    text: 'if (depth(call) > 0 || !kernel.verified(call, verifierFlags.ddiComplianceAdditional)) return;',
    broken: 'return;',
    scenario: ['bug-checks/c4-deadlock.dms', '40003: a critical region'],
  },
  {
    family: 'waits in user mode',
    rule: 'nothing on the kernel stack is waited for',
    file: 'kernel/verifier/routine-rules.ts',
    text: "if (kernel.host.system.find(object)?.use !== 'kernelStack') continue;",
    broken: 'continue;',
    scenario: ['bug-checks/verified-io.dms', 'C4/123: a wait'],
  },
  {
    family: 'service routines',
    rule: 'they return at the IRQL that they are called at',
    file: 'kernel/ke/interrupts.ts',
    text: 'throw verifierViolation([0x111, routine, wanted, irql], text);',
    broken: '',
    scenario: ['bug-checks/verified-devices.dms', 'C4/111: a service routine'],
  },
  {
    family: 'double buffering',
    rule: 'a verified transfer is copied',
    file: 'kernel/hal/map-registers.ts',
    text: "return isDoubled ? 'registers' : this.modeFor(adapter, chunk);",
    broken: 'return this.modeFor(adapter, chunk);',
    scenario: [
      'bug-checks/e6-double-buffering.dms',
      'what the device wrote is there after the flush, and',
    ],
  },
  {
    family: 'tags around transfers',
    rule: 'what lies behind one is left alone',
    file: 'kernel/verifier/register-file.ts',
    text: 'if (hasTag.behind && damaged(behind.start)) {',
    broken: 'if (behind.start < 0) {',
    scenario: ['bug-checks/e6-double-buffering.dms', '0F/2: the device writes behind'],
  },
  {
    family: 'free map registers',
    rule: 'nobody writes to them',
    file: 'kernel/verifier/register-file.ts',
    text: 'if (at < 0) return undefined;',
    broken: 'return undefined;',
    scenario: ['bug-checks/e6-double-buffering.dms', '0F/3: the device writes to a map register'],
  },
  {
    family: 'stale buffers',
    rule: 'one that waits for its flush is not used',
    file: 'kernel/hal/stale-buffers.ts',
    text: 'this.kernel.vm.guard(index, process, start + offset, length, RULE, TEXT);',
    broken: '',
    scenario: [
      'bug-checks/e6-double-buffering.dms',
      'what the device wrote is there after the flush, and',
    ],
  },
  {
    family: 'DMA IRQL',
    rule: 'routines of adapters are called at their IRQL',
    file: 'kernel/hal/adapters.ts',
    text: 'if (exact ? irql === limit : irql <= limit) return;',
    broken: 'return;',
    scenario: ['bug-checks/e6-dma-violation.dms', '13: FreeAdapterChannel'],
  },
  {
    family: 'adapter channels',
    rule: 'an adapter has one',
    file: 'kernel/hal/dma-requests.ts',
    text: 'if (adapter.channel && adapters.verified(call)) {',
    broken: 'if (adapter.address === 0) {',
    scenario: ['bug-checks/e6-transfers.dms', '0B: a second channel'],
  },
  {
    family: 'map registers',
    rule: 'no more are held than were granted',
    file: 'kernel/hal/dma-requests.ts',
    text: 'if (total <= adapter.granted) return;',
    broken: 'return;',
    scenario: ['bug-checks/e6-transfers.dms', '15: more map registers in all'],
  },
  {
    family: 'ranges of MDLs',
    rule: 'a transfer is no longer than its MDL',
    file: 'kernel/verifier/dma-transfers.ts',
    text: 'if (length <= available) return undefined;',
    broken: 'return undefined;',
    scenario: ['bug-checks/e6-transfers.dms', '1F: a transfer that is longer'],
  },
  {
    family: 'scatter/gather lists',
    rule: 'one is put once',
    file: 'kernel/hal/scatter-gather.ts',
    text: 'parameters: [0x06, adapter.listsAllocated,',
    broken: 'parameters: [0x07, adapter.listsAllocated,',
    scenario: ['bug-checks/e6-transfers.dms', '06: a scatter/gather list put twice'],
  },
  {
    family: 'IOMMU',
    rule: 'a device reaches what is mapped for it',
    file: 'kernel/hal/bus-master.ts',
    text: 'if (domains.isVerified(device.name)) throw target.bugCheck;',
    broken: '',
    scenario: ['bug-checks/e6-iommu.dms', '26: a physical address'],
  },
  {
    family: 'system DMA',
    rule: 'a transfer is flushed after its end',
    file: 'kernel/hal/packets.ts',
    text: 'if (call.progress === 0 && controller.isRunning(adapter)) {',
    broken: 'if (call.progress < 0) {',
    scenario: ['bug-checks/e6-version3.dms', 'E6/23: flushed'],
  },
  {
    family: 'vectors of common buffers',
    rule: 'their buffers are freed first',
    file: 'kernel/hal/common-buffer-vectors.ts',
    text: 'if (index >= 0) {',
    broken: 'if (index < -1) {',
    scenario: ['bug-checks/e6-version3.dms', '1DC/2: a vector freed'],
  },
];

/** Builds the command from an engine with the rule broken; answers its path. */
async function build({ file, text, broken }: BrokenRule): Promise<string> {
  const path = join(repository, 'engine', file);
  const source = readFileSync(path, 'utf8');
  expect(source.split(text), `${file} has the text once`).toHaveLength(2);
  const bundle = bundles.find(({ executable }) => executable);
  if (bundle === undefined) throw new Error('No bundle is the command.');
  const folder = mkdtempSync(join(tmpdir(), 'dms-broken-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const output = join(folder, 'dms.js');
  await esbuild.build({
    ...esbuildOptions({ ...bundle, output }),
    sourcemap: false,
    plugins: [
      {
        name: 'broken-rule',
        setup(hooks) {
          hooks.onLoad({ filter: /\.ts$/ }, (loading) =>
            loading.path === path
              ? { contents: source.replace(text, () => broken), loader: 'ts' }
              : undefined,
          );
        },
      },
    ],
  });
  return output;
}

/** The whole name of the scenario that begins so. */
function nameOf(file: string, beginning: string): string {
  const names = [
    ...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/^scenario "(.*)"/gm),
  ].map(([, name = '']) => name);
  const found = names.filter((name) => name.startsWith(beginning));
  expect(found, `scenarios of ${file} that begin with "${beginning}"`).toHaveLength(1);
  return found[0] ?? '';
}

test.each(rules.map((rule) => [rule.family, rule.rule, rule] as const))(
  '%s: %s',
  async (_family, _rule, rule) => {
    const [file, beginning] = rule.scenario;
    const words = ['run', `test/conformance/${file}`, '--scenario', nameOf(file, beginning)];
    const { code, out } = await runCommand(await build(rule), words);
    expect(out).toContain('FAIL');
    expect(code).toBe(1);
  },
  120_000,
);
