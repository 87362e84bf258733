/** initialize, launch, configurationDone, restart, terminate, disconnect. */
import { capabilities } from '../capabilities.ts';
import type { AdapterContext } from '../context.ts';
import { failureOf, userError } from '../errors.ts';
import { prepareRun } from '../launching.ts';
import type { Handlers } from '../protocol.ts';
import { terminate } from '../run-events.ts';

type Names = 'initialize' | 'launch' | 'configurationDone' | 'restart' | 'terminate' | 'disconnect';

export const lifecycleRequests = {
  initialize(context, client) {
    context.client = {
      lineBase: client.linesStartAt1 === false ? 0 : 1,
      columnBase: client.columnsStartAt1 === false ? 0 : 1,
      invalidatedEvent: client.supportsInvalidatedEvent === true,
      memoryEvent: client.supportsMemoryEvent === true,
    };
    return capabilities();
  },

  /**
   * `initialized` follows the response, when the files are compiled: breakpoints are then answered at once and for
   * good. The run begins with `configurationDone`.
   */
  async launch(context, launch, call) {
    if (context.run !== undefined) throw userError('This session runs a scenario already.');
    const run = await prepareRun(context, launch, call.signal);
    context.launch = launch;
    context.run = run;
    context.breakpoints.setLaunchFunctions(launch.breakOn ?? []);
    rebind(context);
    context.emit('initialized', undefined);
    if (context.configured) call.afterResponse(() => begin(context));
  },

  configurationDone(context, _arguments, call) {
    context.configured = true;
    if (context.run?.state === 'ready') call.afterResponse(() => begin(context));
  },

  /**
   * Reads the files again and starts over in place. The client cannot cope with a failing restart, so broken files
   * are a message and the end of the session.
   */
  async restart(context, { arguments: changed }, call) {
    const launch = changed ?? context.launch ?? {};
    context.run?.abandon();
    context.retireHandles();
    let ready = false;
    try {
      context.run = await prepareRun(context, launch, call.signal);
      context.launch = launch;
      context.breakpoints.setLaunchFunctions(launch.breakOn ?? []);
      rebind(context);
      ready = true;
    } catch (error) {
      const { message } = failureOf(error);
      context.output('stderr', `The scenario cannot be restarted: ${message}`);
    }
    call.afterResponse(() => (ready ? begin(context) : terminate(context)));
  },

  terminate(context, _arguments, call) {
    context.run?.abandon();
    call.afterResponse(() => terminate(context));
  },

  disconnect(context, _arguments, call) {
    context.run?.abandon();
    call.afterResponse(() => terminate(context));
  },
} satisfies Handlers<AdapterContext, Names>;

function begin(context: AdapterContext): void {
  const { run, launch } = context;
  if (run?.state !== 'ready') return;
  run.resume(
    launch?.stopOnEntry === true && launch.noDebug !== true ? 'stepIn' : 'continue',
    undefined,
  );
}

/** Gives the stored breakpoints to a new run and tells the client what became of them. */
function rebind(context: AdapterContext): void {
  const { run, launch } = context;
  context.modifiedFiles.clear();
  if (run === undefined || launch?.noDebug === true) return;
  const changed = context.breakpoints.bindAll(run.session, (bound, id) =>
    context.breakpoint(bound, id),
  );
  for (const breakpoint of changed) {
    context.emit('breakpoint', { reason: 'changed', breakpoint });
  }
}
