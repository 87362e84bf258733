// What is advertised is answered, and tested.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { capabilities, capabilityRequests } from '../../extension/adapter/capabilities.ts';
import { breakpointRequests } from '../../extension/adapter/requests/breakpoints.ts';
import { evaluateRequests } from '../../extension/adapter/requests/evaluate.ts';
import { lifecycleRequests } from '../../extension/adapter/requests/lifecycle.ts';
import { memoryRequests } from '../../extension/adapter/requests/memory.ts';
import { sourceRequests } from '../../extension/adapter/requests/sources.ts';
import { stackRequests } from '../../extension/adapter/requests/stack.ts';
import { steppingRequests } from '../../extension/adapter/requests/stepping.ts';
import { timeTravelRequests } from '../../extension/adapter/requests/time-travel.ts';
import { variableRequests } from '../../extension/adapter/requests/variables.ts';
import { viewRequests } from '../../extension/adapter/requests/views.ts';
import { requestHandlers } from '../../extension/adapter/session.ts';

/** `supportsReadMemoryRequest` is tested in `read-memory.test.ts`. */
function testFileOf(capability: string): string {
  const name = capability.replace(/^supports?/, '').replace(/Request$/, '');
  return `${name.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}.test.ts`;
}

test('every advertised capability has its requests handled', () => {
  const handled = new Set([...Object.keys(requestHandlers), 'cancel']);
  for (const [capability, requests] of Object.entries(capabilityRequests)) {
    expect(
      requests.filter((request) => !handled.has(request)),
      capability,
    ).toEqual([]);
  }
});

test('every advertised capability has a test file of its name, and no file is left over', () => {
  const files = readdirSync('test/adapter/capabilities').sort();
  expect(files).toEqual(Object.keys(capabilityRequests).map(testFileOf).sort());
});

test('initialize advertises the table and nothing else', () => {
  const advertised = Object.keys(capabilities()).filter(
    (name) => name !== 'exceptionBreakpointFilters',
  );
  expect(advertised.sort()).toEqual(Object.keys(capabilityRequests).sort());
});

test('no two files handle the same request', () => {
  const groups = [
    breakpointRequests,
    evaluateRequests,
    lifecycleRequests,
    memoryRequests,
    sourceRequests,
    stackRequests,
    steppingRequests,
    timeTravelRequests,
    variableRequests,
    viewRequests,
  ];
  const names = groups.flatMap((group) => Object.keys(group));
  expect(names.sort()).toEqual([...new Set(names)].sort());
  expect(names.length).toBe(Object.keys(requestHandlers).length);
});
