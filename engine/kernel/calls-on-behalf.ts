/** Calls that the kernel's own C makes for a driver, seen as the driver's. */
import type { NativeCall } from '../vm/natives.ts';
import type { VmServices } from '../vm/system.ts';

/**
 * A call of a primitive as if the driver had made it: its caller is the driver, its routine the one that the
 * driver called, its site the driver's. Where no driver is behind it, the call itself.
 */
export function onBehalfOfDriver(vm: VmServices, call: NativeCall): NativeCall {
  if (call.caller.own) return call;
  const site = vm.siteOf(call.thread, true);
  if (site === undefined) return call;
  return {
    routine: call.site.function,
    site,
    caller: { module: site.module, own: true, driver: call.caller.driver },
    thread: call.thread,
    process: call.process,
    mode: call.mode,
    memory: call.memory,
    peek: call.peek,
    progress: call.progress,
    integer: (index) => call.integer(index),
    number: (index) => call.number(index),
    boolean: (index) => call.boolean(index),
    floating: (index) => call.floating(index),
    variadic: (position) => call.variadic(position),
    again: (progress) => call.again(progress),
    violation: (rule, message, page) => call.violation(rule, message, page),
  };
}
