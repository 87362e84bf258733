/** The rows of the side bar's views, over all hosts. */
import { adapterRows } from '../kernel/hal/adapter-view.ts';
import { mdlRows } from '../kernel/mm/mdl-view.ts';
import { physicalMemoryRows } from '../kernel/mm/physical-memory-view.ts';
import type { MemoryViewHost } from '../kernel/mm/view-host.ts';
import type { ViewRequest, ViewRow } from '../session-types.ts';
import type { BuiltMachine } from './build.ts';

export function viewRows({ kernels, vm }: BuiltMachine, request: ViewRequest): readonly ViewRow[] {
  const hosts = kernels.map(
    (kernel): MemoryViewHost => ({
      name: kernel.host.name,
      memory: kernel.memory,
      strays: kernel.strayAccesses,
      peek: vm.peek(kernel.host.index, 0),
      processName: (process) => kernel.processes.find(process)?.declaration.name ?? 'System',
    }),
  );
  switch (request.view) {
    case 'physicalMemory':
      return physicalMemoryRows(hosts, request);
    case 'mdls':
      return mdlRows(hosts, request);
    case 'dmaAdapters':
      return adapterRows(
        kernels.map((kernel) => ({ ...kernel.dma, name: kernel.host.name, ledger: kernel.ledger })),
        request,
      );
  }
}
