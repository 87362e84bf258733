/** The kernel's own C, by file name: what waits or calls back, and the private headers of these files. */
import callbacks from './ex/callbacks.c';
import callbacksHeader from './ex/callbacks.h';
import lookaside from './ex/lookaside.c';
import lookasidePrimitives from './ex/lookaside-primitives.h';
import dmaPrimitives from './hal/dma-primitives.h';
import dmaRequests from './hal/dma-requests.c';
import dmaRoutines from './hal/dma-routines.h';
import callDriver from './io/call-driver.c';
import cancel from './io/cancel.c';
import file from './io/file.c';
import fileInformation from './io/file-information.c';
import ioPrimitives from './io/io-primitives.h';
import notifications from './io/notifications.c';
import ntServices from './io/nt-services.h';
import objectReferences from './io/object-references.c';
import objectTypes from './io/object-types.c';
import pnp from './io/pnp.c';
import pnpHeader from './io/pnp.h';
import ioQueues from './io/queues.c';
import registry from './io/registry.c';
import registryHeader from './io/registry.h';
import requests from './io/requests.c';
import shareAccess from './io/share-access.c';
import dpc from './ke/dpc.c';
import dpcHeader from './ke/dpc.h';
import events from './ke/events.c';
import interruptPrimitives from './ke/interrupt-primitives.h';
import interrupts from './ke/interrupts.c';
import mutexes from './ke/mutexes.c';
import keQueues from './ke/queues.c';
import resources from './ke/resources.c';
import wait from './ke/wait.c';
import waitPrimitives from './ke/wait-primitives.h';
import systemVariables from './mm/system-variables.c';
import notify from './ps/notify.c';
import notifyHeader from './ps/notify.h';

/** Units and private headers of the module `ntoskrnl`. */
export const kernelSources: ReadonlyMap<string, string> = new Map([
  ['wait.c', wait],
  ['mutexes.c', mutexes],
  ['wait-queues.c', keQueues],
  ['dpc.c', dpc],
  ['events.c', events],
  ['interrupts.c', interrupts],
  ['call-driver.c', callDriver],
  ['object-types.c', objectTypes],
  ['system-variables.c', systemVariables],
  ['object-references.c', objectReferences],
  ['file.c', file],
  ['cancel.c', cancel],
  ['queues.c', ioQueues],
  ['requests.c', requests],
  ['registry.c', registry],
  ['resources.c', resources],
  ['pnp.c', pnp],
  ['dma-requests.c', dmaRequests],
  ['lookaside.c', lookaside],
  ['callbacks.c', callbacks],
  ['notify.c', notify],
  ['notifications.c', notifications],
  ['file-information.c', fileInformation],
  ['share-access.c', shareAccess],
  ['callbacks.h', callbacksHeader],
  ['notify.h', notifyHeader],
  ['lookaside-primitives.h', lookasidePrimitives],
  ['wait-primitives.h', waitPrimitives],
  ['io-primitives.h', ioPrimitives],
  ['nt-services.h', ntServices],
  ['dpc.h', dpcHeader],
  ['interrupt-primitives.h', interruptPrimitives],
  ['pnp.h', pnpHeader],
  ['registry.h', registryHeader],
  ['dma-primitives.h', dmaPrimitives],
  ['dma-routines.h', dmaRoutines],
]);
